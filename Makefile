# make run: set up and start. make test: set up and run every check. Both do nothing twice.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PYTEST_ARGS ?=

.PHONY: run test lint lock embeddings clean

run: $(VENV)/run.stamp
	@$(BIN)/merchant-bot serve

test: $(VENV)/test.stamp lint
	$(BIN)/python -m pytest -n auto $(PYTEST_ARGS)

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	MERCHANT_BOT_CACHE=.pytest_cache/merchant-bot $(BIN)/merchant-bot knowledge lint

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }

# The lock file with its hashes says exactly what is installed; the project itself is linked, not copied.
$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Setting up; this takes about a minute the first time."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.stamp: requirements-test.lock pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Needs uv (pip install uv).
lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--extra semantic --extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--all-extras pyproject.toml -o requirements-test.lock

# Renews the embeddings of the shipped phrasings, which make a first start fast; once a release.
embeddings: $(VENV)/test.stamp
	$(BIN)/python tests/benchmarks/embeddings.py

clean:
	rm -rf $(VENV)
