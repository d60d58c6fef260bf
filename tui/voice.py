"""Says the core's sentences as the agent reads them: in one language, with what is true of the election."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from textual.content import Content

from core.i18n import say, typeset
from core.policy import Election
from core.text import Language, Text

NO_FACTS: Mapping[str, object] = MappingProxyType({})
OPEN, CLOSE = "\ue000", "\ue001"  # private use: no sentence holds them
FACT = "bold"
COUNT = "count"
"""Chooses the singular or the plural, so it stays a number."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How sentences are said on this terminal."""

    language: Language
    election: Election

    def say(self, text: Text, facts: Mapping[str, object] = NO_FACTS) -> str:
        """The sentence. A name without a value raises KeyError: a defect, not a user's error."""
        return typeset(say(text.fill({**self.election.facts, **facts}), self.language), self.language)

    def tell(self, text: Text) -> Content:
        """The sentence, with its values in bold: what is to be checked or read aloud."""
        params = {name: value if name == COUNT else _marked(value) for name, value in text.params.items()}
        before, *rest = self.say(replace(text, params=params)).split(OPEN)
        pairs = (part.partition(CLOSE) for part in rest)
        return Content.assemble(before, *(piece for value, _, after in pairs for piece in ((value, FACT), after)))


def _marked(value: object) -> Text:
    return Text(f"{OPEN}{{value}}{CLOSE}", None, {"value": value})
