"""What the help is about: the flows of one election, and what is true of it for the fictional voter who is shown."""

from dataclasses import dataclass
from functools import cached_property

from core.bootstrap import House
from core.catalogue import Entry, entries_of
from core.example import Example, example_of, said_for_the_example
from core.i18n import say, typeset
from core.policy import Election
from core.steps import Flow
from core.text import Language, Text


@dataclass(frozen=True, kw_only=True)
class Book:
    """One election's help, before its language is chosen."""

    election: Election
    flows: tuple[Flow, ...]
    example: Example

    @cached_property
    def catalogue(self) -> tuple[Entry, ...]:
        """The messages of these flows."""
        return entries_of(self.flows)

    def said(self, text: Text, language: Language, at: str = "") -> str:
        """The sentence as it is printed, for the fictional voter; `at` is the code of its step, or the id of its error."""
        return typeset(say(said_for_the_example(text, self.example.at(at)), language), language)


def book_of(house: House) -> Book:
    """The help of that election."""
    return Book(
        election=house.election,
        flows=tuple(line.flow for line in house.reception.lines),
        example=example_of(house.policy, house.calendar, house.election),
    )
