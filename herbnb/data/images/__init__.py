"""Images: from the file of a sheet to the square that an encoder sees."""
