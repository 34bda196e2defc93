"""Fetching: bringing bytes from where they are, whole or not at all."""
