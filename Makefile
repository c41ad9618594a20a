# Punctual's commands. `make run` and `make test` need Python 3.11 or newer and a package index.

.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first Python that is new enough, the machine's own `python3` preferred.
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$candidate; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
export DEBUG ?= 1

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: $(VENV)/.runs ## Install and start everything: web, beat, worker, Redis, mail
	@exec $(BIN)/python manage.py dev

.PHONY: test
test: $(VENV)/.develops system-packages ## Install and run all tests: unit, integration, faults, browser
	@$(BIN)/python -m tests.run

.PHONY: check
check: export MEASURE_COVERAGE = 1
check: test static ## The whole gate: the tests, their coverage and everything below

.PHONY: static
static: $(VENV)/.develops ## Format, lint, types, import contracts, migrations, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py settings_reference --check

.PHONY: bench
bench: $(VENV)/.develops ## Measure for a quarter of an hour; docs/benchmarks.md keeps the figures
	@$(BIN)/python -m benchmarks occurrences
	@$(BIN)/python -m benchmarks reports
	@$(BIN)/python -m benchmarks ledger
	@$(BIN)/python -m benchmarks due_at_once --databases PostgreSQL --occurrences 10000 50000
	@$(BIN)/python -m benchmarks due_at_once --databases SQLite
	@$(BIN)/python -m benchmarks steady --minutes 1
	@$(BIN)/python -m benchmarks idle --timers 1000 100000 --seconds 30
	@$(BIN)/python -m benchmarks edits --edits 60
	@$(BIN)/python -m benchmarks workers
	@$(BIN)/python -m benchmarks task_costs

.PHONY: bench-long
bench-long: $(VENV)/.develops ## Measure for about two hours, with more of all
	@$(BIN)/python -m benchmarks due_at_once --databases PostgreSQL --occurrences 10000 50000 --stock 10000
	@$(BIN)/python -m benchmarks due_at_once --databases SQLite --stock 10000
	@$(BIN)/python -m benchmarks steady --minutes 10
	@$(BIN)/python -m benchmarks idle --timers 1000 100000 1000000 --others-at-most 100000 --seconds 60
	@$(BIN)/python -m benchmarks edits --edits 200 --others 10000 --others-edits 10
	@$(BIN)/python -m benchmarks table_size --rows 10000 10000000
	@$(BIN)/python -m benchmarks pages

.PHONY: format
format: $(VENV)/.develops ## Write the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: lock
lock: $(VENV)/.develops ## Write the locked requirement files anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" requirements.in --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" requirements-analysis.in \
		--output-file requirements-analysis.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" requirements-s3.in --output-file requirements-s3.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" requirements-dev.in --output-file requirements-dev.txt

.PHONY: clean
clean: ## Forget what running made: database, reports, mails, messages
	@$(PYTHON) scheduler_site/development/forget.py

# Chromium and poppler: installed where they are missing and this user may install them.
.PHONY: system-packages
system-packages:
	@tests/install_system_packages

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Punctual needs Python 3.11 or newer; none was found on the PATH." \
		"Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) could not make a virtual" \
		"environment; on Debian and Ubuntu install the package python3-venv." >&2; exit 1; }

$(VENV)/.runs: requirements.txt $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.develops: requirements-dev.txt $(VENV)/.runs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
