# One command each. Python 3.11 or later and make are all they need.
python = .venv/bin/python
profile ?= pocket

book: .venv/installed  ## run what is out of date, render the book, print where it is
	@.venv/bin/herbnb book --profile $(profile)

test: .venv/installed  ## the whole test suite, in two processes of one thread each
	@OMP_NUM_THREADS=1 $(python) -m pytest -n 2

lint: .venv/installed
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

check: lint  ## what a change should pass before it is shown: lint, contracts, quick tests
	@OMP_NUM_THREADS=1 $(python) -m pytest -n 2 -m "not slow"

bench: .venv/installed  ## timed comparisons, never part of the tests
	@$(python) -m benchmarks

notebooks: .venv/installed  ## the chapters as .ipynb, for Colab and the like
	@.venv/bin/jupytext --to ipynb --output-dir notebooks chapters/*.py

clean:
	rm -rf _build book/executed results data/pocket data/smoke notebooks .snakemake

.venv/installed: requirements.txt pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install --quiet --requirement requirements.txt --editable .
	touch $@

.PHONY: book test lint check bench notebooks clean
