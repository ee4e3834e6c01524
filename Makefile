# The verbs of this repository; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
EXTRAS ?= test
PYTEST := $(BIN)/python -m pytest
ON_BOTH := sh .ci/postgresql

.PHONY: help setup wheel demo serve test lint types imports unit postgresql browser soak bench translations clean

help: ## list the verbs
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/ready ## make .venv with everything the demo and the tests need

.venv/ready: setup.cfg pyproject.toml constraints.txt .ci/venv
	sh .ci/venv $(PYTHON)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	$(BIN)/pybabel -q compile -d supplyhub/translations
	@touch $@

translations: .venv/ready ## compile the texts after a change to them
	$(BIN)/pybabel compile -d supplyhub/translations

wheel: .venv/ready translations ## what is installed elsewhere, into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	cp constraints.txt dist/

demo: .venv/ready ## the main job on the real province of Hubei, then pages on http://127.0.0.1:8000
	$(BIN)/supplyhub demo

serve: .venv/ready ## serve what the database holds
	$(BIN)/supplyhub serve

test: lint types imports unit ## everything that must pass before a commit, in under five minutes

lint: .venv/ready ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready ## mypy, strict
	$(BIN)/mypy

imports: .venv/ready ## the import contracts of setup.cfg
	$(BIN)/lint-imports

unit: .venv/ready ## the tests on SQLite (and on PostgreSQL where SUPPLYHUB_TEST_PG_URL names one)
	$(PYTEST) -n 2 -m 'not browser' tests

postgresql: .venv/ready ## the tests that need PostgreSQL, on the server SUPPLYHUB_TEST_PG_URL names
	$(PYTEST) -n 2 -m postgresql tests

browser: .venv/ready ## the pages in a real browser (needs chromium)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,browser]'
	$(PYTEST) -m browser tests

soak: .venv/ready ## the long runs: 2,000 random instances, 100 rounds of 64 clients on one balance, 1,600 kills
	SUPPLYHUB_ORACLE_INSTANCES=2000 $(PYTEST) -n 2 tests/solver
	SUPPLYHUB_CONTENTION_ROUNDS=100 $(ON_BOTH) $(PYTEST) -n 0 tests/rigs/test_contention.py
	SUPPLYHUB_DAMAGED_BACKUPS=2000 SUPPLYHUB_DRILL_POSTS=20000 $(ON_BOTH) $(PYTEST) -n 2 tests/backups
	SUPPLYHUB_MATRIX=whole $(ON_BOTH) $(PYTEST) -n 2 tests/matrix
	SUPPLYHUB_PREVIOUS_TESTS="tests/service tests/journeys" SUPPLYHUB_PREVIOUS_WORKERS=2 \
		$(ON_BOTH) $(PYTEST) -n 0 tests/house/test_previous_code.py
	SUPPLYHUB_KEY_CLIENTS=64 $(ON_BOTH) $(PYTEST) -n 0 tests/rigs/test_keys_at_once.py
	SUPPLYHUB_POSTGRESQL_KILLS=200 SUPPLYHUB_SQLITE_KILLS=1000 SUPPLYHUB_WEB_KILLS=200 \
		SUPPLYHUB_JOB_KILLS=200 SUPPLYHUB_RESETS=300 SUPPLYHUB_POWER_CUTS=100 SUPPLYHUB_PLANTED=1 $(ON_BOTH) $(PYTEST) -n 0 \
		tests/rigs/test_kills_*.py tests/rigs/test_resets.py tests/rigs/test_power_loss.py tests/rigs/test_full_disk.py
	SUPPLYHUB_ORDER_ROUNDS=50 $(ON_BOTH) $(PYTEST) -n 0 tests/rigs/test_any_order.py
	SUPPLYHUB_LIVES=500x60 $(ON_BOTH) $(PYTEST) -n 2 tests/rigs/test_lives.py
	SUPPLYHUB_RAW_REQUESTS=100000 $(ON_BOTH) $(PYTEST) -n 0 tests/rigs/test_raw_requests.py

bench: .venv/ready ## measured, with its baselines in the same run; NATION=1 adds the whole country
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,bench]'
	$(BIN)/python -m tests.bench $(if $(NATION),solver fairness ledger reads nation)

clean: ## remove what setup and the demo made
	rm -rf .venv var dist build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
