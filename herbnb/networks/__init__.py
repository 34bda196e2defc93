"""Networks: an autoencoder, a triplet network and a classifier on one encoder."""

NETWORKS = ("autoencoder", "triplet", "classifier")
"""Their names, in the order of their chapters."""
