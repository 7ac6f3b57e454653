# make app: the app. make test: the tests. Both make the environment first and only once.

VENV := .venv
BIN := $(VENV)/bin
# The first of these that is Python 3.11 or newer.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8501
# Any other address is that of a shared server, with limits; 0.0.0.0: every address of the machine.
ADDRESS ?= 127.0.0.1

# What is tested while one works.
QUICK := $(addprefix tests/,core fields losses metrics training)

.PHONY: help setup setup-test app test quick slow check bench atlas pictures recordings clean

help:
	@echo "make app      make the environment if needed and open the app"
	@echo "make test     the same with the test tools, then run the tests"
	@echo "make quick    losses, metrics, fields, settings and training on digits, in a minute"
	@echo "make slow     the tests that take minutes: every control with runs of every kind, kills by the dozen"
	@echo "make check    lint, format, types, layers"
	@echo "make bench    the figures of the README"
	@echo "make atlas    the trained sweeps that come with the project, within 90 minutes on 2 cores"
	@echo "make pictures the pictures of the README"
	@echo "make recordings its moving pictures"

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "lossviz needs Python 3.11 or newer; none was found. Install one, or name it: make PYTHON=/path/to/python3 app"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

# torch goes first and alone: the rest then keeps to this build.
$(VENV)/installed: requirements.txt $(VENV)/made
	@echo "Installing into $(VENV): about a minute and 2 GB, once."
	$(BIN)/python -m pip install --quiet $$(grep '^torch==' requirements.txt)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/installed-test: pyproject.toml $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group test
	@touch $@

# The slow tests make a cluster of their own; where Ray has no build, they are skipped.
$(VENV)/installed-ray: pyproject.toml $(VENV)/installed-test
	$(BIN)/python -m pip install --quiet --group ray || echo "no Ray here: tests of a cluster are skipped"
	@touch $@

setup: $(VENV)/installed

setup-test: $(VENV)/installed-test

app: setup
	$(BIN)/python -m lossviz app --port $(PORT) --address $(ADDRESS)

test: setup-test
	$(BIN)/python -m pytest -n auto --dist loadfile

# Without a browser, and hardly a process.
quick: setup-test
	$(BIN)/python -m pytest -n auto --dist load $(QUICK)

slow: $(VENV)/installed-ray
	$(BIN)/python -m pytest -n auto --dist load -m slow

check: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-test
	$(BIN)/python -m benchmarks

atlas: setup
	$(BIN)/python -m benchmarks.atlas

pictures: setup-test
	$(BIN)/python -m benchmarks.pictures

recordings: setup-test
	$(BIN)/python -m benchmarks.recordings

clean:
	rm -rf $(VENV)
