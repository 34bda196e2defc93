"""Applications: what the features are good for."""
