"""`retrouve keys`: adds a master key, takes old ones away, shows them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from cli.house import IN_FOLDER, open_house
from cli.words import tell
from core.adapters import key_changes
from core.adapters import keys as key_file
from core.adapters.entropy import SystemEntropy
from core.adapters.key_changes import ChangeRefused
from core.adapters.sql.sealed import Needed, still_needed
from core.bootstrap import House
from core.ports import Unready
from core.roll.words import more
from core.service.identifier.resealing import Resealing
from core.text import Moment, Text
from core.words import keys as words

SHOWN = 20
MINUTES_IN_A_WEEK = 7 * 24 * 60


@click.group(help=tell(words.HELP))
def keys() -> None:
    """The commands about the master key."""


@keys.command(help=tell(words.ROTATE_HELP))
@click.option("--after", type=click.IntRange(0, MINUTES_IN_A_WEEK), default=0, help=tell(words.AFTER_HELP))
@IN_FOLDER
def rotate(directory: Path, after: int) -> None:
    """Adds a key."""
    path, now = directory / key_file.FILE, datetime.now(UTC)
    with _refusals_told():
        added = key_changes.rotate(path, entropy=SystemEntropy(), now=now, after=timedelta(minutes=after))
    facts = {"key": added.id, "seals_from": _moment(added.seals_from or now)}
    later = (words.ROTATED_LATER, words.COPY_TO_HOSTS)
    _say(*(later if after else (words.ROTATED,)), words.COPY_AWAY, facts=facts)


@keys.command(help=tell(words.RETIRE_HELP))
@IN_FOLDER
def retire(directory: Path) -> None:
    """Ends the old keys."""
    house = open_house(directory)
    with _refusals_told():
        ended = key_changes.retire(
            directory / key_file.FILE, now=datetime.now(UTC), check=lambda ids: _refuse_needed(house, ids)
        )
    _say(words.retired(len(ended)), *words.NO_LONGER_OPENS)


@keys.command("list", help=tell(words.LIST_HELP))
@IN_FOLDER
def list_(directory: Path) -> None:
    """Shows them, oldest first."""
    now = datetime.now(UTC)
    with _refusals_told():
        found = key_file.read(directory / key_file.FILE)
    for key in found:
        line = words.LINE_OF_ANCHOR if key is found[0] and len(found) > 1 else words.LINE
        _say(line, facts={"key": key.id, "created": _moment(key.created), "role": _role(key, found, now)})


def _role(key: key_file.Key, found: tuple[key_file.Key, ...], now: datetime) -> Text:
    if key.retired is not None:
        return words.RETIRED.fill({"retired": _moment(key.retired)})
    if key.seals_from is not None and key.seals_from > now:
        return words.WILL_SEAL.fill({"seals_from": _moment(key.seals_from)})
    return words.SEALS if key is key_file.sealing(found, now) else words.OPENS


def _refuse_needed(house: House, ids: frozenset[int]) -> None:
    """Raises ChangeRefused when a message that may still leave is sealed by one of those keys.

    The secrets of agents and the numbers in cases are sealed anew.
    """
    assert house.engine is not None  # noqa: S101  # `open_house` of a folder gives one
    try:
        house.desk.roster.reseal()
        Resealing(house.office).reseal()
        with house.engine.connect() as connection:
            needed = list(still_needed(connection, ids, house.clock.now()))
    except (SQLAlchemyError, Unready):
        raise ChangeRefused(words.DATABASE_SILENT) from None
    if needed:
        raise ChangeRefused(*_told(needed, house))


def _told(needed: list[Needed], house: House) -> Iterator[Text]:
    def until(one: Needed) -> dict[str, object]:
        return {"until": Moment(house.calendar.local(one.until + timedelta(minutes=1)))}

    yield words.still_needed(len(needed))
    for one in islice(needed, SHOWN):
        yield words.NEEDED_BY.fill({"case": one.case, "key": one.key, **until(one)})
    if len(needed) > SHOWN:
        yield more(len(needed) - SHOWN)
    yield words.NEEDED_END.fill(until(needed[0]))


def _moment(at: datetime) -> Moment:
    """As this machine's clock shows it."""
    return Moment(at.astimezone())


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except ChangeRefused as refused:
        _say(*refused.sentences, to_errors=True)
    except key_file.KeysRefused as refused:
        _say(refused.reason, to_errors=True)
    else:
        return
    sys.exit(1)


def _say(*sentences: Text, facts: dict[str, object] | None = None, to_errors: bool = False) -> None:
    for sentence in sentences:
        click.echo(tell(sentence.fill(facts or {})), err=to_errors)
