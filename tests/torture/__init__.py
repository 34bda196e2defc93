"""Four tables of misfortune: small in the suite, large by `make torture`.

A table is a list of rows; who finds another misfortune adds a row, and mends the cause that it shows.
"""
