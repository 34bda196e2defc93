"""Networks: an autoencoder, a triplet network and a classifier on one encoder."""
