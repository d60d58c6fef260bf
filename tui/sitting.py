"""What screens are given: the house, the language of the moment, who is on duty, and who is on the line."""

from dataclasses import dataclass

from core.bootstrap import House
from core.service.desk.proofs import Caller, Duty
from core.text import Language, Text
from tui.voice import Voice


@dataclass
class Sitting:
    """One agent at one terminal."""

    house: House
    language: Language
    duty: Duty | None = None
    tips: tuple[Text, ...] = ()
    """What to try first, in a demo."""

    @property
    def on_duty(self) -> Duty:
        """Who is on duty; the screens behind the sign-in are only up while someone is."""
        assert self.duty is not None  # noqa: S101  # otherwise a defect
        return self.duty

    @property
    def voice(self) -> Voice:
        """How sentences are said at present."""
        return Voice(self.language, self.house.election)


@dataclass
class Call:
    """One person's open file, and whoever calls about it: the verification ends when the file is left."""

    voter: int
    name: str
    caller: Caller | None = None
