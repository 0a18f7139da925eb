# make run: set up and start. make test: set up and run every check. Both do nothing twice.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PYTEST_ARGS ?=
UPGRADE ?=

.PHONY: run test lint lock release embeddings clean

run: $(VENV)/run.stamp
	@$(BIN)/merchant-bot serve

# The checks of the code run beside the tests, which wait for much, and tell what they found after them.
test: $(VENV)/test.stamp
	@$(MAKE) --no-print-directory lint >$(VENV)/lint.log 2>&1 & linting=$$!; trap "kill $$linting" INT TERM; \
		$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS); tested=$$?; \
		wait $$linting; linted=$$?; cat $(VENV)/lint.log; exit $$((tested ? tested : linted))

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	MERCHANT_BOT_CACHE=.pytest_cache/merchant-bot $(BIN)/merchant-bot knowledge lint

# The lock file is complete, so pip need not look for what packages depend on.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
define install
	@echo "Installing $$(grep -c == $(1)) packages: about $$(($$(grep -c == $(1)) / 3)) s"
	@$(PIP) --require-hashes -r $(1)
	@echo "Installing the assistant itself: about 2 s"
	@$(PIP) --no-build-isolation -e .
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making a Python environment in $(VENV): about 5 s"
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }

# The lock file with its hashes says exactly what is installed; the project itself is linked, not copied.
$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	@touch $@

$(VENV)/test.stamp: requirements-test.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-test.lock)
	@touch $@

# Needs uv (pip install uv).
lock:
	uv pip compile $(UPGRADE) --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--extra semantic --extra build pyproject.toml -o requirements.lock
	uv pip compile $(UPGRADE) --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--extra semantic --extra build --extra test pyproject.toml -o requirements-test.lock
	printf 'cyclonedx-bom\n' | uv pip compile $(UPGRADE) --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		- -o requirements-release.lock

# Cuts the CHANGELOG, builds wheel and sdist into dist/, serves from the wheel in a clean environment, and lists its packages.
release: $(VENV)/test.stamp
	$(BIN)/python deploy/release.py

# Renews the embeddings of the shipped phrasings, which make a first start fast; once a release.
embeddings: $(VENV)/test.stamp
	$(BIN)/python tests/benchmarks/embeddings.py

clean:
	rm -rf $(VENV)
