# Two commands do all set-up: `make demo` and `make test`. They need python3 >= 3.11, make and the package registries.
PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin

# A registry that is slow, or away for a moment, is asked again.
export PIP_DEFAULT_TIMEOUT ?= 60
export PIP_RETRIES ?= 10

.DEFAULT_GOAL := help
.PHONY: help demo test lint types browser bench faults mutations reference requirements clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime ## start the three systems and run orders through them (ARGS="--orders 200 --exit")
	@$(BIN)/ambar demo $(ARGS)

test: $(VENV)/.dev ## everything CI runs: lint, layers, types, API documents, all tests (ARGS="kit oms" narrows)
	@$(BIN)/python tests/run.py $(ARGS)

lint: $(VENV)/.dev ## ruff, import-linter, mypy
	@$(BIN)/python tests/run.py checks

browser: ## install Debian's Chromium for the browser tests
	@command -v chromium >/dev/null || (apt-get -o Acquire::Retries=5 update -q && apt-get -o Acquire::Retries=5 install -y -q --no-install-recommends chromium)

bench: $(VENV)/.dev ## measure against the raw PostgreSQL limit in the same run (ARGS="P3 P6")
	@$(BIN)/python -m bench $(ARGS)

faults: $(VENV)/.dev ## break three running systems in every way there is and count what is lost (ARGS="--runs 5 --seed 7 --only kill")
	@$(BIN)/python -m tests.faults.suite $(ARGS)

mutations: $(VENV)/.dev ## take each guard away in a copy and see that a test notices (ARGS="--only stock")
	@$(BIN)/python -m tests.faults.mutations $(ARGS)

reference: $(VENV)/.dev ## write docs/reference/ from the code
	@$(BIN)/python tools/reference.py

requirements: ## pin requirements/*.in with hashes
	@for set in runtime dev; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  requirements/$$set.in -o requirements/$$set.txt; done

clean: ## remove the environment (data stays)
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Ambar needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Ambar runs on (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
