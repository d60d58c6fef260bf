"""Builds the illustrated help of an election from the definitions of its flows."""

from core.text.text import Text


class HelpNotBuilt(Exception):
    """Raised when the help cannot be built. `sentence` tells the operator why, and what to do."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence)
        self.sentence = sentence
