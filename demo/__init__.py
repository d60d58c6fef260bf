"""The parts that only a demo has, such as a mailbox and fictional voters."""

from core.text.text import Text


class DemoRefused(Exception):
    """Raised when the demo cannot start or continue. `sentence` tells the user why."""

    def __init__(self, sentence: Text, **facts: object) -> None:
        self.sentence = sentence.fill(facts)
        super().__init__(self.sentence)
