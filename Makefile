# Two commands matter: `make run` and `make test`. Both set everything up first.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run test lint soak bench shots pins messages setup setup-dev

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

setup:
	@$(PYTHON) tools/bootstrap.py run

setup-dev:
	@$(PYTHON) tools/bootstrap.py dev

run: setup ## set up, and serve the demonstration town at http://127.0.0.1:8000
	@$(BIN)/chuding run

test: setup-dev ## set up, and run every check and test (browser journeys and PostgreSQL included)
	@$(BIN)/python tools/run_tests.py

lint: setup-dev ## style, types and the house's arrows
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-cache && $(BIN)/mypy

soak: setup-dev ## the long forms of the tests, and every test of the database on PostgreSQL
	@$(BIN)/python tools/run_tests.py --soak

bench: setup-dev ## measure, and print the tables that docs/performance.md keeps
	@$(BIN)/python benchmarks/run.py

shots: setup-dev ## screenshots of every page at 320, 768 and 1366 px into ./shots
	@$(BIN)/python tools/shots.py shots

pins: setup-dev ## pin the requirement files anew
	@for f in bootstrap run dev parquet dask bench pretalx; do $(BIN)/uv pip compile -q --no-header --no-emit-index-url --no-emit-find-links --generate-hashes --python-version 3.11 --upgrade requirements/$$f.in -o requirements/$$f.txt; done

messages: setup-dev ## gather what the interface says, and compile its languages (needs no system package)
	@$(BIN)/python tools/make_messages.py
