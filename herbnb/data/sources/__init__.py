"""Sources: where images come from, each with one method that brings one file."""
