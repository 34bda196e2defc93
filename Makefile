# One command each. Python 3.11 or later and make are all they need.
# What is started ends with make, however that ends, for HERBNB_LEADER tells it whom to follow.
setup = HERBNB_LEADER=$$PPID exec python3 -m herbnb.setup
python = .venv/bin/python
profile ?= pocket
compile = .venv-lock/bin/uv pip compile --quiet --universal --no-annotate --custom-compile-command "make lock"

book: .venv/installed  ## run what is out of date, render the book, print where it is
	@$(setup) book --profile $(profile)

read:  ## with results=FILE: unpack a run, score it again and render the book, without PyTorch
	@$(setup) read $(if $(results),--results $(results))

test: .venv/installed  ## the whole test suite, in two processes of one thread each
	@OMP_NUM_THREADS=1 $(python) -m pytest -n 2

lint: .venv/installed
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

check: lint  ## what a change should pass before it is shown: lint, contracts, quick tests
	@OMP_NUM_THREADS=1 $(python) -m pytest -n 2 -m "not slow"

torture: .venv/installed  ## the tables of misfortune, at large size
	@OMP_NUM_THREADS=1 $(python) -m pytest -m torture

bench: .venv/installed  ## timed comparisons, never part of the tests
	@$(python) -m benchmarks

notebooks: .venv/installed  ## the chapters as .ipynb, for students and for teachers
	@.venv/bin/herbnb notebooks

clean:
	rm -rf _build book/executed results data/pocket data/smoke data/workshop notebooks .snakemake

lock:  ## pin what pyproject.toml names, and all that it rests on, for every system
	@python3 -m venv .venv-lock && .venv-lock/bin/pip install --quiet "uv~=0.13"
	@$(compile) pyproject.toml --all-extras --output-file requirements.txt
	@$(compile) pyproject.toml --constraints requirements.txt --output-file requirements-read.txt

.venv/installed: requirements.txt pyproject.toml
	@$(setup)

.PHONY: book read test lint check torture bench notebooks clean lock
