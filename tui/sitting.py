"""What every screen is given: the house, the language of the moment, and who is on duty."""

from dataclasses import dataclass

from core.bootstrap import House
from core.text import Language
from tui.voice import Voice


@dataclass
class Sitting:
    """One agent at one terminal."""

    house: House
    language: Language

    @property
    def voice(self) -> Voice:
        """How sentences are said at present."""
        return Voice(self.language, self.house.election)
