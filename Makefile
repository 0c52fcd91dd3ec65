# Everything runs in .venv, made from requirements.lock. `make build` and `make test` need Python 3.11 or later and make.

VENV := .venv
BIN := $(VENV)/bin
OUT ?= data/out
RAW ?= data/raw
# Sizes of the generated corpora that `make bench` builds; 100000 takes a quarter of an hour more.
COUNTS ?= 1000,10000
# The first interpreter that runs and is new enough; `make PYTHON=...` decides otherwise.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# Pip's stamp: the environment is made anew only when the lock or the package's own description changes.
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help build test lint format bench lock docs clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "casextract needs Python 3.11 or later; install it or run 'make PYTHON=/path/to/python3'" >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

build: $(READY) ## build the dataset: data/raw to data/out (RAW=, OUT= to change)
	$(BIN)/casextract build $(RAW) --out $(OUT)

test: $(READY) ## run the tests
	$(BIN)/python -m pytest

lint: $(READY) ## linter, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## format the code and fix what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## measure speed, memory and scaling, print and store the table (COUNTS=, some ten minutes)
	$(BIN)/python scripts/bench.py --counts $(COUNTS) --ray --peers --write

lock: $(READY) ## pin the newest versions that pyproject.toml allows (keeps pins that still fit)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--extra notebooks --extra ray --group dev pyproject.toml --output-file requirements.lock

docs: $(READY) ## write the generated pages (data dictionary, accuracy, output in the guides and README)
	$(BIN)/casextract schema --format markdown > docs/data-dictionary.md
	$(BIN)/casextract schema --format markdown --language zh > docs/data-dictionary.zh.md
	$(BIN)/python scripts/accuracy.py
	cd tests && ../$(BIN)/python guide.py ../docs/rules.md ../docs/rules.zh.md ../README.md ../README.zh.md

clean: ## remove the environment, caches and the built dataset
	rm -rf $(VENV) $(OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis
