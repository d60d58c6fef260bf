"""Creates and reads the folder of a demo."""

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from core.adapters.file_lock import take_lock
from core.app import SETTINGS_FILE
from core.text.faces import demo_cli_sentences as words
from core.text.faces.init_cli_sentences import FOLDER_IMPOSSIBLE
from demo import DemoRefused
from demo.fictional_voters import FictionalPerson, write_roll
from demo.settings import demo_election_toml

ROLL_FILE = "roll.csv"
VOTERS_FILE = "voters.json"
MAILBOX_FILE = "mailbox.sqlite3"
TELEPHONE_FILE = "telephones.sqlite3"
SMS_SECRET_FILE = "sms.secret"
LOG_FOLDER = "logs"
LOCK_FILE = "demo.lock"
UNDER_WAY = ".retrouve-demo-preparing"
SECONDS_TO_END = 10.0
SECRET_BYTES = 16


@contextmanager
def locked_demo_folder(folder: Path) -> Iterator[None]:
    """Create a demo's folder, wait until no other demo uses it, and lock it. Raises DemoRefused."""
    if folder.exists() and not (folder / LOCK_FILE).exists():
        require_no_other_files(folder)
    with _reporting_unwritable(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / LOCK_FILE).open("a")
    with lock:
        if not take_lock(lock, SECONDS_TO_END):
            raise DemoRefused(words.RUNS_ALREADY, folder=str(folder))
        yield


@contextmanager
def _reporting_unwritable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        raise DemoRefused(FOLDER_IMPOSSIBLE, folder=str(folder), detail=refused.strerror) from None


def require_no_other_files(folder: Path) -> None:
    """Raise DemoRefused if the folder contains files that are not from a demo."""
    if is_demo_folder(folder):
        return
    under_way, names = folder / UNDER_WAY, {each.name for each in folder.iterdir()}
    if (under_way / VOTERS_FILE).exists():  # some of its files may already have been moved
        others = names & {each.name for each in under_way.iterdir()}
    else:
        others = names - {LOCK_FILE, UNDER_WAY}
    if others:
        raise DemoRefused(words.NOT_A_DEMO, folder=str(folder))


def is_demo_folder(folder: Path) -> bool:
    return (folder / VOTERS_FILE).exists()


def fill_demo_folder(folder: Path, make: Callable[[Path], None]) -> None:
    """Let `make` create files in a subfolder, then move the files into the folder."""
    under_way = folder / UNDER_WAY
    if not (under_way / VOTERS_FILE).exists():
        shutil.rmtree(under_way, ignore_errors=True)
        with _reporting_unwritable(folder):
            make(under_way)
    for each in sorted(under_way.iterdir(), key=lambda each: each.name == VOTERS_FILE):
        each.rename(folder / each.name)
    under_way.rmdir()


def write_demo_settings(folder: Path, people: Iterable[FictionalPerson], now: datetime) -> None:
    """Write the settings, the SMS gateway's secret, and the roll. `now` is local time."""
    (folder / LOG_FOLDER).mkdir()
    (folder / SMS_SECRET_FILE).touch(mode=0o600)  # used in both directions: from and to the gateway
    (folder / SMS_SECRET_FILE).write_text(secrets.token_hex(SECRET_BYTES) + "\n", encoding="utf-8")
    (folder / SETTINGS_FILE).write_text(demo_election_toml(now, secret=SMS_SECRET_FILE), encoding="utf-8")
    write_roll(people, folder / ROLL_FILE)


def write_voters(folder: Path, people: Sequence[FictionalPerson]) -> None:
    """Write the voters as JSON, one per line."""
    unfinished = folder / f"{VOTERS_FILE}.new"
    unfinished.write_bytes(msgspec.json.Encoder().encode_lines(people))
    unfinished.rename(folder / VOTERS_FILE)


def read_voters(folder: Path, most: int | None = None) -> Iterator[Mapping[str, str]]:
    with (folder / VOTERS_FILE).open("rb") as file:
        for line in islice(file, most):
            yield msgspec.json.decode(line, type=dict[str, str])


def first_voter(folder: Path) -> Mapping[str, str]:
    return next(read_voters(folder, 1))
