# What one types in this repository; `make help` lists it. Needs Python >= 3.11, make and the package registries.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: behaviours help setup system serve test lint checks fmt faults bench lock pictures web wire clean

# The first Python here that is new enough; `make PYTHON=python3.13 ...` chooses another.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
BIN := .venv/bin

# Tests run on all processors, four at most: each side has a PostgreSQL of its own, and takes a file of tests at a time.
SIDES := -n logical --maxprocesses 4 --dist loadfile

# Files of which every line must be covered: the rules of sending, blocks, privacy and access.
RULES := src/duologue/core/rules.py,src/duologue/core/attachments.py,src/duologue/core/downloads.py,src/duologue/core/blocks.py,src/duologue/core/receipts.py,src/duologue/core/sends.py,src/duologue/pipeline/deletions.py,src/duologue/pipeline/messages.py,src/duologue/pipeline/blocks.py,src/duologue/pipeline/conversations.py,src/duologue/pipeline/receipts.py,src/duologue/pipeline/state.py

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## .venv as the lock says; nothing to do is quick
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed and none was found; name one: make PYTHON=...' >&2; exit 1; }
	@$(PYTHON) scripts/install.py

serve: setup ## the server on http://127.0.0.1:8080 with its own PostgreSQL; options: ARGS="--port 8081 --demo"
	@$(BIN)/python scripts/web.py build --or-not
	@$(BIN)/duologue serve $(ARGS)

web: setup ## the web client into the package, if its sources changed
	@$(BIN)/python scripts/web.py build

test: setup system checks ## all checks and tests, but the faults
	$(BIN)/python scripts/web.py test
	$(BIN)/pytest -m "not faults" $(SIDES) --cov --cov-report=term
	$(BIN)/coverage report --include=$(RULES) --fail-under=100
	@$(PYTHON) scripts/system.py --report

faults: setup system ## the slow ones at full length: kills, partitions, storms
	$(BIN)/python scripts/web.py faults
	FULL=1 $(BIN)/pytest -m faults --timeout=1800

bench: setup ## load figures, one JSON line per profile; PROFILE=dm, FULL=1
	@$(if $(filter web,$(PROFILE))$(FULL),$(BIN)/python scripts/web.py build --or-not)
	@$(BIN)/python -m bench

lint: setup checks ## the checks alone: style, types, imports, migrations

checks:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/squawk src/duologue/storage/migrations/*.up.sql
	$(BIN)/python scripts/wire.py --check
	$(BIN)/python scripts/web.py check

fmt: setup ## put the code into shape
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/python scripts/web.py fix

behaviours: setup ## write docs/behaviours.md from the tests
	@$(BIN)/python scripts/behaviours.py

pictures: setup web ## take the screenshots of the README
	@$(BIN)/python scripts/screenshots.py

wire: setup ## write the SDK's types from the server's structs
	@$(BIN)/python scripts/wire.py

lock: ## write the locks anew from pyproject.toml; UPGRADE=1 takes the newest of everything
	@set -e; uv=$$($(PYTHON) scripts/bootstrap.py); \
	compile="$$uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade)"; \
	$$compile --custom-compile-command 'make lock' --group dev --group build -o requirements.lock pyproject.toml; \
	$$compile --custom-compile-command 'make lock' --group bootstrap -o scripts/bootstrap.lock

system:
	@$(PYTHON) scripts/system.py

clean: ## remove what set-up and checks made; data folders stay
	rm -rf .venv .uv .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* dist
	rm -rf src/duologue/web src/duologue/.web.* web/packages/*/LICENSE web/node_modules web/app/dist web/packages/*/dist web/app/.tsbuild web/*/*.tsbuildinfo web/packages/*/*.tsbuildinfo
	find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
