"""The illustrated help of an election, made from its flows."""

from core.text.text import Text


class HelpNotBuilt(Exception):
    """The help cannot be built. `sentence` says why, and what to do."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence)
        self.sentence = sentence
