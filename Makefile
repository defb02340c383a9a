# Targets set up .venv themselves: first the lock with its hashes, then the project without its dependencies.
PYTHON ?= python3
BIN := .venv/bin

# Of what is installed, only what the study imports is compiled. Where Python may keep no bytecode, each of some forty
# processes of the study and the tests would compile pandas and matplotlib again.
unexport PYTHONDONTWRITEBYTECODE
IMPORTED := import ipykernel.kernelapp, pkgutil, analysis; \
	[__import__(one.name) for one in pkgutil.walk_packages(analysis.__path__, "analysis.")]

.PHONY: help setup study figures example test quick lint lab bench bench-scale portable

help:
	@echo "make study    run the study on the seed quotations and write figures/"
	@echo "make example  what a full corpus looks like: constructed data, its run, the pictures in docs/example/"
	@echo "make test     every check that CI runs"
	@echo "make quick    what tells most in under a minute: lint, doctests, units"
	@echo "make lab      open JupyterLab at the project: notebooks, figures, corpora, runs"
	@echo "make portable the figures under other kinds of arithmetic: are they the same bytes?"
	@echo "make setup lint figures bench bench-scale"

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -c '$(IMPORTED)'
	@touch $@

study figures: .venv/ready
	$(BIN)/vantage run

example: .venv/ready
	$(BIN)/vantage demo --utterances 8000 --into corpora/example
	$(BIN)/vantage run --corpus corpora/example -p draws=499
	$(BIN)/python docs/example/pictures.py

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/nbstripout --verify notebooks/*.ipynb

test: .venv/ready lint
	$(BIN)/pytest

quick: .venv/ready lint
	$(BIN)/pytest -m "not slow" tests/compare tests/show tests/measure analysis

lab: .venv/ready
	$(BIN)/jupyter lab

portable: .venv/ready
	$(BIN)/python tests/arithmetic/portable.py

bench: .venv/ready
	for script in tests/benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

# What the study takes and how it grows, then the measure step beside its peers, then in one process, two, shares, Dask.
bench-scale: .venv/ready
	$(BIN)/python tests/benchmarks/scale.py
	$(BIN)/python tests/benchmarks/measure_speed.py
	$(BIN)/python tests/benchmarks/measure_scaling.py
