# Everything runs in .venv. `make build` puts what a user needs there (requirements.lock); `make test` and what else developers use add
# their packages and those of the notebooks (requirements-dev.lock). Python 3.11 or later and make are all it takes.

VENV := .venv
BIN := $(VENV)/bin
OUT ?= data/out
RAW ?= data/raw
# Sizes of the generated corpora that `make bench` builds; 100000 takes a quarter of an hour more.
COUNTS ?= 1000,10000
# The first interpreter that runs and is new enough; `make PYTHON=...` decides otherwise.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# Pip's stamps: the environment is made anew only when a lock or the package's own description changes.
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help build test lint format bench lock site pictures docs clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "casextract needs Python 3.11 or later; install it or run 'make PYTHON=/path/to/python3'" >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "casextract is in $(BIN): run $(BIN)/casextract, or 'source $(BIN)/activate' once in a terminal and then casextract" >&2

$(READY_DEV): $(READY) requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

build: $(READY) ## build the dataset: data/raw to data/out (RAW=, OUT= to change)
	$(BIN)/casextract build $(RAW) --out $(OUT)

test: $(READY_DEV) ## run the tests
	$(BIN)/python -m pytest

lint: $(READY_DEV) ## linter, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY_DEV) ## format the code and fix what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY_DEV) ## measure speed, memory and scaling, print and store the table (COUNTS=, some ten minutes)
	$(BIN)/python scripts/bench.py --counts $(COUNTS) --ray --peers --write

COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

lock: $(READY_DEV) ## pin the newest versions that pyproject.toml allows (keeps pins that still fit)
	$(COMPILE) --group install pyproject.toml --output-file requirements.lock
	$(COMPILE) --extra notebooks --extra ray --group dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

site: $(READY_DEV) ## build the pages with the guides and the API (build/site)
	$(BIN)/mkdocs build --quiet --strict

pictures: $(READY_DEV) ## draw the pictures of the README anew, from the sample articles
	$(BIN)/python scripts/make_pictures.py

docs: $(READY_DEV) ## write the generated pages (data dictionary, accuracy, output in the guides and README)
	$(BIN)/casextract schema --format markdown --language en > docs/data-dictionary.md
	$(BIN)/casextract schema --format markdown --language zh > docs/data-dictionary.zh.md
	$(BIN)/python scripts/accuracy.py
	cd tests && ../$(BIN)/python guide.py ../docs/rules.md ../docs/rules.zh.md ../README.md ../README.zh.md

clean: ## remove the environment, caches and the built dataset
	rm -rf $(VENV) $(OUT) build/site .mypy_cache .ruff_cache .pytest_cache .hypothesis
