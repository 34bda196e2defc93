"""herbnb: what a neural network sees in a herbarium sheet, as a book you can run."""

import sys

__version__ = "0.1.0"

# Whoever opens a notebook has its format checked by jsonschema, which first makes a grammar of international
# addresses if it finds one: two seconds in every process, for addresses that no notebook has.
sys.modules.setdefault("rfc3987_syntax", None)
