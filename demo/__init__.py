"""Everything that only a demonstration has: a mailbox, telephones, fictional voters and agents, and the pages that show them."""

from core.text.text import Text


class DemoRefused(Exception):
    """The demo cannot start or go on. `sentence` says why."""

    def __init__(self, sentence: Text, **facts: object) -> None:
        self.sentence = sentence.fill(facts)
        super().__init__(self.sentence)
