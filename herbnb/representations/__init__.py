"""Representations: features, and what they look like."""
