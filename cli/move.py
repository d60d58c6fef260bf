"""`retrouve move`: the election's data from one database to another, from SQLite to PostgreSQL above all."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import URL, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from cli.house import IN_FOLDER
from cli.stopping import tidy_when_stopped
from cli.words import tell
from core import settings
from core.adapters.sql import moving, snapshot, version
from core.adapters.sql.engine import open_engine
from core.adapters.sql.moving import CopyDiffers, MoveRefused, SourceChanged, Tally, TargetNotEmpty
from core.settings import SettingsRefused
from core.text import Text
from core.words import move as words

ENGINES = {"sqlite", "postgresql"}
SAID: Mapping[type[MoveRefused], Text] = {
    TargetNotEmpty: words.NOT_EMPTY,
    SourceChanged: words.CHANGED,
    CopyDiffers: words.DIFFERENT,
}


class NotMoved(Exception):
    """Nothing was moved; `sentence` says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.msgid)
        self.sentence = sentence


@click.command(help=tell(words.HELP))
@click.argument("database_url")
@IN_FOLDER
def move(database_url: str, directory: Path) -> None:
    """Moves, shows what was compared, and says what to do next."""
    tidy_when_stopped()
    try:
        with _failures_told():
            source, target = _ends(directory, database_url)
            moved = _move(source, target)
    except NotMoved as refused:
        click.echo(tell(refused.sentence), err=True)
        sys.exit(1)
    _tell_moved(moved, {"url": make_url(database_url).render_as_string(), "folder": str(directory)})


def _ends(folder: Path, given: str) -> tuple[URL, URL]:
    """From where to where. Raises NotMoved, SettingsRefused."""
    source = make_url(settings.load(folder).database_url)
    try:
        target = make_url(given)
        backend = target.get_backend_name()
    except (ArgumentError, ValueError):
        raise NotMoved(words.NOT_A_DATABASE.fill({"url": given})) from None
    if backend not in ENGINES or not target.database:
        raise NotMoved(words.NOT_A_DATABASE.fill({"url": target.render_as_string()}))
    if backend == "sqlite":
        target = target.set(database=str(folder.resolve() / target.database))
    if target == source:
        raise NotMoved(words.SAME)
    return source, target


def _move(source: URL, target: URL) -> Mapping[str, Tally]:
    _require_still(source)
    with _opened(source) as here:
        if not version.at_head(here):
            raise NotMoved(words.SOURCE_OLD)
        length = moving.size(here) * moving.READINGS
        with (
            _made_for_us(target),
            _opened(target) as there,
            click.progressbar(length=length, label=tell(words.COPYING), file=sys.stderr) as bar,
        ):
            return moving.move(here, there, bar.update)


def _require_still(source: URL) -> None:
    """A SQLite file that is there, and that no other program has open. Raises NotMoved."""
    if source.get_backend_name() != "sqlite":
        return
    path = Path(source.database or "")
    if not path.is_file():
        raise NotMoved(words.SOURCE_MISSING.fill({"path": str(path)}))
    if snapshot.in_use(path):
        raise NotMoved(words.IN_USE)


@contextmanager
def _opened(url: URL) -> Iterator[Engine]:
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _made_for_us(target: URL) -> Iterator[None]:
    """A new SQLite file is for this account only, and goes again when nothing came into it."""
    path = Path(target.database or "") if target.get_backend_name() == "sqlite" else None
    made = path is not None and not path.exists()
    try:
        if path is not None:
            path.touch(mode=0o600)
        yield
    except BaseException:
        if path is not None and made:
            path.unlink(missing_ok=True)
        raise


def _tell_moved(moved: Mapping[str, Tally], facts: Mapping[str, object]) -> None:
    click.echo(tell(words.moved(sum(tally.rows for tally in moved.values()))))
    for table, tally in moved.items():
        shown = {"table": table, "rows": words.rows(tally.rows), "digest": tally.short}
        click.echo(tell(words.CHECKED.fill(shown)))
    for sentence in words.NEXT:
        click.echo(tell(sentence.fill(facts)))


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except SettingsRefused as refused:
        raise NotMoved(refused.faults[0].sentence()) from refused
    except MoveRefused as refused:
        raise NotMoved(SAID[type(refused)].fill({"table": refused.table})) from refused
    except (SQLAlchemyError, ImportError, OSError) as failure:
        detail = str(getattr(failure, "orig", None) or failure).partition("\n")[0]
        raise NotMoved(words.FAILED.fill({"detail": detail})) from failure
