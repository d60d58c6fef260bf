"""The machine and the configuration that the figures were measured on, printed above the table."""

import os
import platform
import re
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from bench.load_generator import CONNECTIONS
from cli.serve import REQUESTS_AT_ONCE
from core.adapters.password_hashing import MEMORY_KIB, PARALLELISM, TIME
from core.app.concurrent_password_hashing_limits import hashes_at_once_per_worker
from core.app.settings.policy_section import DEFAULT_PRESET
from core.app.settings.sections import WebSection
from core.policy.policy_and_calendar import PRESETS

LIBRARIES = ("granian", "flask", "sqlalchemy", "psycopg", "argon2-cffi")
DURABILITY = """\
Durability: on SQLite (WAL) fdatasync is waited for before anybody is told what changes a credential or decides a mail, and not for
asks and observations; on PostgreSQL fsync is on, and synchronous_commit on and off for the same (with --standby on and
remote_write, so that both wait for the standby). A crash of our processes loses nothing. A power cut loses no password, no decided
mail and no bounce; it may double a courier's last batch of mails, the same bytes, and lose the last asks (PostgreSQL: three times
wal_writer_delay, 0.6 s; SQLite: those since the log was last synced, which the courier does with each batch it decides)."""


def configuration() -> Iterator[tuple[str, str]]:
    """Return each line to print, as its name and its text."""
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = platform.machine() if processor is None else processor[1]
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    yield "machine", f"{os.cpu_count()} cores, {model}, {gigabytes:.0f} GB, Linux {platform.release()}"
    yield "load before", " ".join(f"{load:.2f}" for load in os.getloadavg())
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield "software", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"
    workers = WebSection.model_fields["workers"].default
    client = f"{CONNECTIONS} kept connections of one client"
    yield "web", f"granian, {workers} workers of {REQUESTS_AT_ONCE} threads for pages and as many for forms; {client}"
    yield "passwords", f"argon2id, {MEMORY_KIB // 1024} MiB, t={TIME}, p={PARALLELISM}; {_password_queues()}"
    yield "mail", "one courier; a relay that takes every mail and speaks PIPELINING as Postfix does"
    yield "limits", "per-network ones lifted (all visits come from one address); every other rule in force"
    yield "yardsticks", "rates: argon2id hashed on all cores, just before and after each round (the mean);"
    yield "", "times: the CPU seconds of one of these hashes, or a bare granian and Flask application"


def _password_queues() -> str:
    policy, web = PRESETS[DEFAULT_PRESET], WebSection()
    hashes, waiting = hashes_at_once_per_worker(web), policy.passwords_waiting
    return f"a worker hashes {hashes} and scores 1 at once, {waiting} wait at most {policy.password_wait_seconds} s"
