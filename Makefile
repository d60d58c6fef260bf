# The four commands of the README. Everything lands in .venv; nothing outside is touched but Debian packages.

PYTHON ?= python3
BIN := .venv/bin
LOCK := locks/dev.txt
COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet

.PHONY: install demo test check lock clean

install: .venv/installed

# The stamp holds the lock's digest, so an unchanged lock costs nothing and a changed one is followed.
.venv/installed: $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Retrouve needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 install" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv || { echo "The venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	$(COMPILE) --output-file locks/runtime.txt
	$(COMPILE) --group dev --output-file locks/dev.txt
