"""What can be taken away from the help: a guide to print and a deck of slides, one of each a flow and language."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from core.places import help_handout
from core.text import Language, Text
from core.words import guides as words


class Kind(StrEnum):
    """What it is opened with; the value ends the file's name."""

    PRINT = "pdf"
    DECK = "pptx"


OFFERS: Mapping[Kind, Text] = {Kind.PRINT: words.TO_PRINT, Kind.DECK: words.TO_SHOW}
TYPES: Mapping[Kind, str] = {
    Kind.PRINT: "application/pdf",
    Kind.DECK: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed on every page of a handout, so that two copies can be told apart: the product's version, a day."""

    version: str
    day: date


class Handout(msgspec.Struct, frozen=True, kw_only=True):
    """One that was made; `weight` is in bytes."""

    flow: str
    language: Language
    kind: Kind
    weight: int

    @property
    def path(self) -> str:
        """Its file, from the site's root."""
        return help_handout(self.flow, self.language, self.kind)

    @property
    def name(self) -> str:
        """Its file, from the page that offers it."""
        return self.path.rpartition("/")[2]

    @property
    def type(self) -> str:
        """As a link announces it."""
        return TYPES[self.kind]

    @property
    def offer(self) -> Text:
        """The words of the link that fetches it."""
        return OFFERS[self.kind].fill({"kilobytes": -(-self.weight // 1000)})
