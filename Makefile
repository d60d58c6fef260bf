# The commands in the README. They install everything in .venv, except Debian packages.

PYTHON ?= python3
# uv needs a folder for its cache. An account without a home directory gets one in .venv.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export UV_CACHE_DIR := $(CURDIR)/.venv/cache
endif
BIN := .venv/bin
# Tests always write bytecode. Without it, loading modules takes half of a test worker's start-up time.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet
FOR_GUIDES := chromium-headless-shell fonts-dejavu-core libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
FOR_DRILL := postgresql-17 patroni python3-etcd etcd-server valkey-server iproute2
TOO_OLD := Retrouve needs Python 3.11 or later. Name one that is installed: make PYTHON=python3.12

.PHONY: install demo pictures guides check types quick test bench drill lock wheel deb test-package container

# Installs `retrouve` with the libraries for the help. Bytecode is compiled now, because an account without write access
# to this folder would otherwise compile everything at each start.
install: .venv/installed

.venv/installed: .venv/tools locks/guides.txt pyproject.toml
	$(UV) --compile-bytecode --require-hashes --requirement locks/guides.txt
	$(UV) --no-deps --no-build-isolation --editable .
	-@$(BIN)/python -m compileall -qq -j 0 cli core demo guides templates tui webhook
	@touch $@

# Creates .venv with uv and the build tools.
.venv/tools: locks/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(TOO_OLD) $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/debian-packages python3-venv
	$(PYTHON) -m venv .venv
	$(PIP) locks/build.txt
	@touch $@

.venv/developed: .venv/installed locks/dev.txt
	$(UV) --compile-bytecode --require-hashes --requirement locks/dev.txt
	@touch $@

# DEMO holds the arguments: make demo DEMO="--port 8080"
demo:
	@$(MAKE) --no-print-directory --jobs=2 install pictures
	$(BIN)/retrouve demo --dir demo-election $(DEMO)

# Installs the Debian packages for the help's pictures. Without them the demo still runs, and its help says what is
# missing.
pictures:
	-@.ci/debian-packages $(FOR_GUIDES)

# Builds the help of the election in this folder as a site that any web server can serve.
# For the election in another folder: make guides ELECTION=/srv/election
ELECTION ?= $(if $(wildcard election.toml),.,sample-election)
guides: install
	.ci/debian-packages $(FOR_GUIDES)
	@test "$(ELECTION)" != sample-election -o -e sample-election || $(BIN)/retrouve init --dir sample-election > /dev/null
	$(BIN)/retrouve guides build --dir $(ELECTION) --to site

# `make check` takes about a minute on two cores. It checks style, types, import layers and translations, and runs the
# tests that start no program, database server or browser, except the longest. A test that starts PostgreSQL has
# "postgresql" in its name or in its parameters. `make test` runs all tests.
QUICK := $(addprefix tests/core/,adapters/sql app delivery desk flows forms journal policy remote_desk roll security text) \
	tests/webhook tests/demo tests/test_faces.py tests/test_layout.py tests/test_threats.py \
	tests/tui/test_desk_app_snapshots.py $(addprefix tests/guides/test_,picture_manifest.py readability.py search_index.py)
SLOW := core/adapters/sql/test_commits_lost_answers.py core/adapters/sql/test_postgresql_cluster.py \
	core/adapters/sql/test_transaction.py core/delivery/test_courier_killed.py core/flows/test_registry_state_machines.py \
	core/flows/test_sign_in_tries_of_networks.py core/journal/test_verification.py core/security/test_guesses.py \
	webhook/test_step_rendering_in_a_browser.py

check: .venv/developed
	-@.ci/debian-packages $(FOR_GUIDES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory --jobs=2 types quick
	@echo "All checks passed. Before you push: make test"

types:
	$(BIN)/mypy

quick:
	$(PYTEST) --quiet --numprocesses 2 --dist loadfile -k "not postgresql" $(SLOW:%=--ignore=tests/%) $(QUICK)

test: .venv/developed
	.ci/debian-packages $(FOR_GUIDES) $(FOR_DRILL) postfix nginx-light systemd kannel kannel-extras tmux faketime promtool \
		procps openssh-server haproxy
	$(PYTEST) --numprocesses 4 --dist loadfile --no-loadscope-reorder $(TESTS)

# `make wheel` and `make deb` build the two packages from which the README installs Retrouve.
wheel: .venv/tools
	$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist

deb: .venv/tools
	.ci/debian-packages python3-venv dpkg-dev
	deploy/debian/build dist

# Installs the Debian package in a new Debian system and runs an election there. Needs root and takes some minutes.
test-package: deb
	.ci/debian-packages mmdebstrap
	deploy/debian/try dist/retrouve_*.deb

# Builds the image localhost/retrouve, and runs an election with deploy/container/compose.yaml. Needs root and some minutes.
container: wheel
	.ci/debian-packages podman podman-compose runc nftables mmdebstrap curl openssl tmux openssh-client
	deploy/container/try dist

# BENCH holds the arguments: make bench BENCH="way --voters 100000 --engine sqlite"
bench: .venv/developed
	.ci/debian-packages postgresql-17 $(FOR_GUIDES)
	$(BIN)/python -m tests.bench $(BENCH)

# Plays faults on a real cluster for ten minutes. Needs root. `make test` includes shorter drills.
# DRILL holds the arguments: make drill DRILL="--seed 7 --only SIGKILL --keep logs"
drill: .venv/developed
	.ci/debian-packages $(FOR_DRILL)
	$(BIN)/python -m tests.drill $(DRILL)
	$(PYTEST) --quiet tests/drill/point_in_time.py

# Run this after changing a dependency in pyproject.toml.
lock: .venv/tools
	$(COMPILE) pyproject.toml --output-file locks/runtime.txt
	$(COMPILE) pyproject.toml --extra guides --output-file locks/guides.txt
	$(COMPILE) --group build --constraint locks/guides.txt --output-file locks/build.txt
	$(COMPILE) pyproject.toml --extra guides --group dev --output-file locks/dev.txt

# Run this after changing a French sentence, and then fill in the empty translations in ENGLISH.
# It removes the header lines of Babel that change at each run or are placeholders.
ENGLISH := core/locale/en/LC_MESSAGES/retrouve.po
NOT_KEPT := Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By

.PHONY: translations
translations: install
	@template=$$(mktemp) && trap 'rm -f "$$template"' EXIT && \
	$(BIN)/pybabel --quiet extract --no-default-keywords --keyword N_ --keyword NN_:1,2 \
		--no-wrap --sort-by-file --add-location=file --output-file "$$template" core && \
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --no-wrap \
		--locale en --input-file "$$template" --output-file $(ENGLISH) && \
	sed -i -E '/^"($(NOT_KEPT)):/d' $(ENGLISH)
