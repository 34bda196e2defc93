"""`python -m herbnb.cli`, for Snakemake, which knows the interpreter and not where its scripts are."""

from herbnb.cli import main

main()
