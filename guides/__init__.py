"""Builds the illustrated help of an election."""

from core.text.text import Text


class HelpNotBuilt(Exception):
    """Raised when the help cannot be built. `sentence` tells the operator why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence)
        self.sentence = sentence
