"""What the figures were measured on and with: told first, so that a table can be read without its author."""

import os
import platform
import re
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from bench.load import CONNECTIONS
from cli.serve import REQUESTS_AT_ONCE
from core.adapters.hashing import MEMORY_KIB, PARALLELISM, TIME
from core.settings.sections import WebSection

LIBRARIES = ("granian", "flask", "sqlalchemy", "psycopg", "argon2-cffi")
DURABILITY = """\
SQLite: WAL, whose fdatasync is waited for before anybody is told what changes a credential or decides a mail, and not for asks
and observations. PostgreSQL: fsync on, synchronous_commit on and off for the same. A crash of our processes costs nothing. A power cut costs no
password, no decided mail and no bounce; it may cost the last asks (PostgreSQL: three times wal_writer_delay, 0.6 s; SQLite: those
since the log was last synced, which the courier waits for with each voter it writes to)."""


def configuration() -> Iterator[tuple[str, str]]:
    """Lines to print, each with its name."""
    yield "machine", f"{os.cpu_count()} cores, {_processor()}, {_memory_gigabytes():.0f} GB, Linux {platform.release()}"
    yield "load before", " ".join(f"{load:.2f}" for load in os.getloadavg())
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield "software", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"
    workers = WebSection.model_fields["workers"].default
    yield (
        "web",
        f"granian, {workers} workers of {REQUESTS_AT_ONCE} threads; {CONNECTIONS} kept connections of one client",
    )
    yield "passwords", f"argon2id, {MEMORY_KIB // 1024} MiB, t={TIME}, p={PARALLELISM}"
    yield "mail", "one courier, a sink that takes every mail and speaks PIPELINING as Postfix does"
    yield "limits", "per-network ones lifted (all visits come from one address); every other rule in force"


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory_gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
