# The four commands of the README. Everything lands in .venv; nothing outside is touched but Debian packages.

PYTHON ?= python3
BIN := .venv/bin
LOCK := locks/dev.txt
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet
TOO_OLD := Retrouve needs Python 3.11 or later. Name one that is installed: make PYTHON=python3.12

.PHONY: install demo test check lock

install: .venv/installed

.venv/installed: $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(TOO_OLD) $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/debian-packages python3-venv
	$(PYTHON) -m venv --clear .venv
	$(PIP) --require-hashes --requirement $(LOCK)
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# Arguments go through DEMO: make demo DEMO="--port 8080"
demo: install
	$(BIN)/retrouve demo --dir demo $(DEMO)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest --quiet tests/core/test_i18n.py

test: install
	.ci/debian-packages chromium fonts-dejavu-core
	$(BIN)/pytest $(TESTS)

# After changing a dependency in pyproject.toml.
lock: install
	$(COMPILE) --output-file locks/runtime.txt
	$(COMPILE) --group dev --output-file locks/dev.txt
