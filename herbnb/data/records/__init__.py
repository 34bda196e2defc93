"""Records of specimens: from any download, archive or table to the specimens table."""
