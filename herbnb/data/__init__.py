"""Data: from a folder of sheets to the specimens table."""
