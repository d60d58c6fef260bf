"""Defines the file names of handouts, and lists the finished handouts."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

import msgspec

from core.text.faces import help_page_texts as words
from core.text.text import Language, Text
from core.text.urls import handout_file


class HandoutFormat(StrEnum):
    """A file format for handouts. The value is the file extension."""

    PRINT = "pdf"
    DECK = "pptx"


MADE = "made.json"
POSTER = "affiche"
"""The value of `Handout.flow` for the poster."""
OFFERS: Mapping[HandoutFormat, Text] = {HandoutFormat.PRINT: words.TO_PRINT, HandoutFormat.DECK: words.TO_SHOW}
TYPES: Mapping[HandoutFormat, str] = {
    HandoutFormat.PRINT: "application/pdf",
    HandoutFormat.DECK: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


class EditionStamp(msgspec.Struct, frozen=True, kw_only=True):
    """The version and date printed on every page of a handout."""

    version: str
    day: date


class Handout(msgspec.Struct, frozen=True, kw_only=True):
    """A finished handout. `flow` is a flow's slug or POSTER, and `weight` is in bytes."""

    flow: str
    language: Language
    kind: HandoutFormat
    weight: int

    @property
    def path(self) -> str:
        """Path relative to the root of the help site."""
        return handout_file(self.flow, self.language, self.kind)

    @property
    def name(self) -> str:
        """File name of the handout. Pages in the same folder use it as a link."""
        return self.path.rpartition("/")[2]

    @property
    def type(self) -> str:
        return TYPES[self.kind]

    @property
    def link_text(self) -> Text:
        offered = words.POSTER if self.flow == POSTER else OFFERS[self.kind]
        return offered.fill({"kilobytes": -(-self.weight // 1000)})


class WrittenHandout(msgspec.Struct, frozen=True):
    handout: Handout
    digest: str


def write_handout_list(folder: Path, handouts: Sequence[WrittenHandout]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{MADE}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(handouts), indent=1))
    fresh.replace(folder / MADE)


def read_handout_list(folder: Path) -> tuple[Handout, ...]:
    """Return the finished handouts whose files still exist."""
    return tuple(
        each.handout for path, each in read_handouts_of_earlier_run(folder).items() if (folder / path).exists()
    )


def read_handouts_of_earlier_run(folder: Path) -> Mapping[str, WrittenHandout]:
    """Map paths to the finished handouts. Empty if the list of handouts is missing or unreadable."""
    try:
        made = msgspec.json.decode((folder / MADE).read_bytes(), type=tuple[WrittenHandout, ...])
    except (FileNotFoundError, msgspec.DecodeError):  # DecodeError includes a truncated file
        return {}
    return {each.handout.path: each for each in made}
