"""`retrouve guides`: the voters' illustrated help, from the flows."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.house import IN_FOLDER, open_house
from cli.words import tell
from core import words as around
from core.bootstrap import House
from core.places import HELP_FRONT, HELP_PATH, help_page
from core.text import Language
from core.words import guides_build as words

if TYPE_CHECKING:
    from guides.handouts import Handout

FORMULA = {Language.FRENCH: "Kandel-Moles", Language.ENGLISH: "Flesch"}


@click.group(help=tell(words.HELP))
def guides() -> None:
    """The commands about the help."""


@guides.command(help=tell(words.BUILD_HELP.fill({"path": HELP_PATH})))
@IN_FOLDER
@click.option("--to", "to", type=click.Path(file_okay=False, path_type=Path), help=tell(words.TO_HELP))
def build(directory: Path, to: Path | None) -> None:
    """Builds the site and says how its words read."""
    house = open_house(directory)
    folder = to or house.settings.guides_folder
    if is_foreign(folder):
        sys.exit(tell(words.NOT_OURS.fill({"folder": str(folder)})))
    with _parts_needed():
        import cli.handouts  # noqa: F401, PLC0415  # what is missing is told before minutes of walking
    pictures = _pictures(house, pictures_beside(folder))
    handouts = folder.with_name(f"{folder.name}.handouts")
    build_guides(house, folder, pictures, _handouts(house, pictures, handouts), handouts)
    _tell_wording(house)
    click.echo(tell(words.BUILT.fill({"folder": str(folder)})))


def pictures_beside(folder: Path) -> Path:
    """Where the pictures of the help in that folder are kept."""
    return folder.with_name(f"{folder.name}.pictures")


def _pictures(house: House, folder: Path) -> Path:
    """Takes those that have changed, and says how many; leaves the command, saying why, where it cannot."""
    with _parts_needed():
        from cli.pictures import bring_up_to_date  # noqa: PLC0415  # an election that builds no help needs none of this
        from guides.pictures import PictureRefused  # noqa: PLC0415
        from guides.pictures.chromium import CHROMIUM, NoChromium  # noqa: PLC0415
    try:
        tally = bring_up_to_date(house, folder)
    except NoChromium:
        sys.exit(tell(words.CHROMIUM_MISSING.fill({"path": CHROMIUM})))
    except PictureRefused as refused:
        sys.exit(tell(words.PICTURE_REFUSED.fill({"detail": str(refused)})))
    click.echo(tell(words.PICTURED.fill({"pictures": tally.pictures, "taken": tally.taken})))
    return folder


def _handouts(house: House, pictures: Path, folder: Path) -> "Sequence[Handout]":
    """Makes those that have changed, and says how many."""
    from cli.handouts import handouts_of  # noqa: PLC0415  # an election that builds no help needs none of this

    handouts, made = handouts_of(house, pictures, folder)
    click.echo(tell(words.HANDED_OUT.fill({"handouts": len(handouts), "made": made})))
    return handouts


def build_guides(
    house: House,
    folder: Path,
    pictures: Path | None = None,
    handouts: "Sequence[Handout]" = (),
    handed_from: Path = Path(),
) -> None:
    """Writes the site there, all of it or nothing, with the pictures and the handouts of those folders.

    Leaves the command, saying why, where it cannot.
    """
    with _parts_needed():
        from mkdocs.exceptions import Abort  # noqa: PLC0415  # an election that builds no help needs none of this

        from guides.book import book_of  # noqa: PLC0415
        from guides.shots import read_manifest  # noqa: PLC0415
        from guides.site import Shelf, build_site  # noqa: PLC0415
    taken = {} if pictures is None else read_manifest(pictures)
    shelf = Shelf(book_of(house), taken, pictures or Path(), handouts, handed_from)
    with _put_in_place_of(folder) as fresh:
        try:
            build_site(shelf, fresh)
        except Abort:
            sys.exit(tell(words.REFUSED))


@contextmanager
def _parts_needed() -> Iterator[None]:
    try:
        with redirect_stdout(StringIO()):  # WeasyPrint prints a banner when Pango is missing
            yield
    except ModuleNotFoundError as missing:
        sys.exit(tell(words.PARTS_MISSING.fill({"name": missing.name or ""})))
    except OSError:
        sys.exit(tell(words.PANGO_MISSING))


def is_foreign(folder: Path) -> bool:
    """Whether a folder holds something that is no help of ours, and must not be replaced."""
    return folder.exists() and any(folder.iterdir()) and not (folder / help_page(HELP_FRONT, Language.FRENCH)).exists()


@contextmanager
def _put_in_place_of(folder: Path) -> Iterator[Path]:
    """A fresh folder that takes the place of the other once it is whole: readers never meet half a site."""
    fresh, former = (folder.with_name(f"{folder.name}.{part}") for part in ("fresh", "former"))
    for left_over in (fresh, former):
        shutil.rmtree(left_over, ignore_errors=True)
    try:
        yield fresh
        if folder.exists():
            folder.rename(former)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def _tell_wording(house: House) -> None:
    from guides.book import book_of  # noqa: PLC0415
    from guides.wording import LONGEST, wording_of  # noqa: PLC0415

    for language in Language:
        wording = wording_of(book_of(house), language)
        facts = {
            "language": around.AUTONYMS[language],
            "sentences": wording.sentences,
            "average": f"{wording.average:.1f}",
            "longest": wording.longest,
            "ease": round(wording.ease),
            "formula": FORMULA[language],
        }
        click.echo(tell(words.WORDING.fill(facts)))
        for sentence in wording.too_long:
            click.echo(tell(words.TOO_LONG.fill({"count": LONGEST, "sentence": sentence})))
        for sentence in wording.banned:
            click.echo(tell(words.AVOIDED.fill({"sentence": sentence})))
