"""The parts of a demo: a mailbox, telephones, fictional voters and agents, and their pages."""

from core.text.text import Text


class DemoRefused(Exception):
    """The demo cannot start or continue. `sentence` is the reason."""

    def __init__(self, sentence: Text, **facts: object) -> None:
        self.sentence = sentence.fill(facts)
        super().__init__(self.sentence)
