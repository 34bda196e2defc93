"""Representations: features, and what they look like."""

from herbnb.networks import NETWORKS

BASELINES = ("untrained", "colour")
"""What a network has to beat: the same encoder before any training, and a histogram of colours."""

REPRESENTATIONS = (*NETWORKS, *BASELINES)
