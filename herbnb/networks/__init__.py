"""Networks: what is taught on the training sheets, one module a network, all of them on one encoder."""

NETWORKS = {
    "autoencoder": "herbnb.networks.autoencoder:Autoencoder",
    "triplet": "herbnb.networks.triplet:Triplet",
    "classifier": "herbnb.networks.classifier:Classifier",
}
"""The networks by name, in the order of their chapters, and where the class of each is.

A new network is a module and a line here. The class is imported when it is wanted, so that the names
cost no import of torch.
"""
