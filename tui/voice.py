"""Says the core's sentences as the agent reads them: in one language, with what is true of the election and of the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType

from textual.content import Content

from core.i18n import say
from core.policy import Election
from core.text import Language, Text

NO_FACTS: Mapping[str, object] = MappingProxyType({})
UNKNOWN = "[…]"
"""Stands for what only a voter's own case would tell, where a step is looked at without one."""
OPEN, CLOSE = "\ue000", "\ue001"  # private use: no sentence holds them
FACT = "bold"


@dataclass(frozen=True, slots=True)
class Voice:
    """How sentences are said on this terminal."""

    language: Language
    election: Election

    def say(self, text: Text, facts: Mapping[str, object] = NO_FACTS) -> str:
        """The sentence; a value that nobody knows is printed as "[…]"."""
        return say(text.fill({**_unknown(text), **self._standing, **facts}), self.language)

    def tell(self, text: Text, facts: Mapping[str, object] = NO_FACTS) -> Content:
        """The sentence, with what is to be checked or read aloud in bold."""
        marked = {name: Text(f"{OPEN}{{value}}{CLOSE}", None, {"value": value}) for name, value in facts.items()}
        before, *rest = self.say(text, marked).split(OPEN)
        pairs = (part.partition(CLOSE) for part in rest)
        return Content.assemble(before, *(piece for value, _, after in pairs for piece in ((value, FACT), after)))

    @property
    def _standing(self) -> Mapping[str, object]:
        election = self.election
        return {
            "site": election.site,
            "desk_phone": election.desk_phone,
            "desk_hours": election.desk_hours,
            "election": election.name,
        }


def _unknown(text: Text) -> dict[str, object]:
    pattern = text.msgid + (text.plural or "")
    return {name: UNKNOWN for _, name, _, _ in Formatter().parse(pattern) if name is not None}
