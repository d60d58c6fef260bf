"""The handouts of the help: for each flow and language a guide to print and a deck of slides."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

import msgspec

from core.text.faces import help_page_texts as words
from core.text.text import Language, Text
from core.text.urls import handout_file


class HandoutFormat(StrEnum):
    """The format of a handout; the value is the file's extension."""

    PRINT = "pdf"
    DECK = "pptx"


MADE = "made.json"
"""The list of a folder's handouts."""
POSTER = "affiche"
"""The name of the poster, in the place of a flow's."""
OFFERS: Mapping[HandoutFormat, Text] = {HandoutFormat.PRINT: words.TO_PRINT, HandoutFormat.DECK: words.TO_SHOW}
TYPES: Mapping[HandoutFormat, str] = {
    HandoutFormat.PRINT: "application/pdf",
    HandoutFormat.DECK: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


class EditionStamp(msgspec.Struct, frozen=True, kw_only=True):
    """The product's version and a day, printed on every page so that two copies can be told apart."""

    version: str
    day: date


class Handout(msgspec.Struct, frozen=True, kw_only=True):
    """A handout that was made; `flow` is its flow's slug, or POSTER, and `weight` is in bytes."""

    flow: str
    language: Language
    kind: HandoutFormat
    weight: int

    @property
    def path(self) -> str:
        """The file, from the site's root."""
        return handout_file(self.flow, self.language, self.kind)

    @property
    def name(self) -> str:
        """The file, from the page that links to it."""
        return self.path.rpartition("/")[2]

    @property
    def type(self) -> str:
        """The media type of its link."""
        return TYPES[self.kind]

    @property
    def link_text(self) -> Text:
        """The words of its link."""
        offered = words.POSTER if self.flow == POSTER else OFFERS[self.kind]
        return offered.fill({"kilobytes": -(-self.weight // 1000)})


class WrittenHandout(msgspec.Struct, frozen=True):
    """A written handout, and the digest of what it was made of."""

    handout: Handout
    digest: str


def write_handout_list(folder: Path, handouts: Sequence[WrittenHandout]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{MADE}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(handouts), indent=1))
    fresh.replace(folder / MADE)


def read_handout_list(folder: Path) -> tuple[Handout, ...]:
    """Return the handouts that an earlier run made and whose files are there."""
    return tuple(
        each.handout for path, each in read_handouts_of_earlier_run(folder).items() if (folder / path).exists()
    )


def read_handouts_of_earlier_run(folder: Path) -> Mapping[str, WrittenHandout]:
    """Return what an earlier run recorded; a list of an earlier version may be unreadable."""
    try:
        made = msgspec.json.decode((folder / MADE).read_bytes(), type=tuple[WrittenHandout, ...])
    except (FileNotFoundError, msgspec.DecodeError):  # a file that is cut, too
        return {}
    return {each.handout.path: each for each in made}
