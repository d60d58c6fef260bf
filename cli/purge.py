"""`retrouve purge`: erases what must no longer be kept; without --apply it only says what would go."""

from pathlib import Path

import click

from cli.house import IN_FOLDER, open_house
from cli.words import tell
from core.adapters.sql.leftovers import NotRewritten, rewrite
from core.bootstrap import House
from core.ports import Remains
from core.service.purging import Left, Purging
from core.text import Moment, Text
from core.words import purge as words


@click.command(help=tell(words.HELP))
@click.option("--apply", "wanted", is_flag=True, help=tell(words.APPLY_HELP))
@IN_FOLDER
def purge(directory: Path, *, wanted: bool) -> None:
    """Says what there is, or erases what is due."""
    house = open_house(directory)
    purging = Purging(house.tools)
    if wanted:
        _erase(house, purging)
    else:
        _tell_found(house, purging.found())


def _tell_found(house: House, found: list[Left]) -> None:
    now = house.clock.now()
    due = [left for left in found if left.count and left.due <= now]
    for left in found:
        sentence = words.DUE if left.due <= now else words.LATER
        _say(sentence.fill({"due": Moment(house.calendar.local(left.due))}), left.kind, left.count)
    click.echo(tell(words.NOT_APPLIED if due else words.NOTHING_DUE))


def _erase(house: House, purging: Purging) -> None:
    erased = purging.erase()
    for kind, count in erased.items():
        _say(words.ERASED, kind, count)
    click.echo(tell(words.applied(sum(erased.values())) if erased else words.NOTHING_DUE))
    _rewrite(house)
    for sentence in (words.JOURNAL_STAYS, words.STILL_THERE):
        click.echo(tell(sentence))


def _rewrite(house: House) -> None:
    assert house.engine is not None  # noqa: S101  # `open_house` of a folder gives one
    try:
        rewrite(house.engine)
    except NotRewritten as failure:
        click.echo(tell(words.NOT_COMPACTED.fill({"detail": str(failure)})), err=True)


def _say(sentence: Text, kind: Remains, count: int) -> None:
    click.echo(tell(sentence.fill({"what": words.WHAT[kind], "count": count})))
