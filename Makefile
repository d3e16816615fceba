# What a newcomer needs: make run, make test, make help.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin

export PORT HOST

.DELETE_ON_ERROR:
.PHONY: help run serve demo-reset check format test bench shots messages lock clean venv venv-dev

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: python ## set up what is missing, then serve the demo on http://localhost:8000 (PORT=8001 changes it)
	@$(PYTHON) tools/bootstrap.py base --port $(PORT)
	@exec $(BIN)/python -m tools.run

serve: python ## serve with production settings from the environment (docs/configuration.md)
	@$(PYTHON) tools/bootstrap.py base --port $(PORT)
	@exec $(BIN)/python -m tools.run --production

demo-reset: venv ## forget the demo's data; the next make run loads it anew
	@$(BIN)/python -m tools.reset

check: venv-dev ## the fast inner loop: format, lint, types, contracts, templates, translations, migrations
	@$(BIN)/python -m tools.check

format: venv-dev ## put Python and templates into the house's format
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .
	@git ls-files -z -- 'templates/*.html' '*/templates/*.html' | xargs -0 $(BIN)/djade

test: venv-dev ## all that CI does: the checks, the suite on SQLite and PostgreSQL, the browser tests
	@exec $(BIN)/python -m tools.test

bench: venv-dev ## measure production settings on PostgreSQL, each figure beside a plain Django view's
	@$(BIN)/python -m tools.bench

shots: venv-dev ## write a picture of every page type, form and mail to var/shots (ONLY=event narrows it)
	@exec $(BIN)/python -m tools.shots

messages: venv ## collect the texts of code and templates into each app's Dutch catalogue
	@$(BIN)/python -m tools.messages update

lock: python ## resolve the packages of pyproject.toml anew into requirements/*.txt
	@$(PYTHON) tools/lock.py

clean: ## remove caches and what the tests left; data and the environment stay
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache var/test var/log
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

venv: python
	@$(PYTHON) tools/bootstrap.py base

venv-dev: python
	@$(PYTHON) tools/bootstrap.py dev

.PHONY: python
python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed: Python 3.11 or newer is needed."; exit 1; }
