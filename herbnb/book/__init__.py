"""Book: running the chapters, drawing their figures, saying where a number came from."""
