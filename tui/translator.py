"""Translates the sentences of `core` into the agent's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from textual.content import Content

from core.text.contact import ElectionContact
from core.text.text import Language, SentenceValue, Text
from core.text.translation import translate, with_no_break_spaces

NO_FACTS: Mapping[str, object] = MappingProxyType({})
OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters, which no sentence contains
COUNT = "count"


@dataclass(frozen=True, slots=True)
class Translator:
    language: Language
    election: ElectionContact

    def say(self, text: Text, facts: Mapping[str, object] = NO_FACTS) -> str:
        """Translate a sentence and fill in its values. Raises KeyError if a value is missing."""
        filled = text.fill({**self.election.facts, **facts})
        return with_no_break_spaces(translate(filled, self.language, short_times=True), self.language)

    def format_value(self, value: SentenceValue) -> str:
        return self.say(Text("{value}", None, {"value": value}))

    def say_highlighted(self, text: Text) -> Content:
        """Translate a sentence and show its values in bold."""
        params = {name: value if name == COUNT else _marked(value) for name, value in text.params.items()}
        before, *rest = self.say(Text(text.msgid, text.plural, params)).split(OPEN)
        pairs = (part.partition(CLOSE) for part in rest)
        return Content.assemble(before, *(piece for value, _, after in pairs for piece in ((value, "bold"), after)))


def _marked(value: SentenceValue) -> Text:
    return Text(f"{OPEN}{{value}}{CLOSE}", None, {"value": value})
