"""Text from outside is shown without characters that control a terminal or change the order of the text."""

import pytest

from core.text.safe_text import safe_text
from core.text.text import N_, Language
from core.text.translation import translate


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoé d'Île-Œuvre\u00a0: « Ω » 李", "Zoé d'Île-Œuvre\u00a0: « Ω » 李"),
        ("550\r\n5.1.1\tno\u2028mailbox", "550  5.1.1 no mailbox"),
        ("\x1b]52;c;ZQ==\x07", "�]52;c;ZQ==�"),
        ("\x9b31m\x7f\x00", "�31m��"),
        ("\u202eexe.txt\u2066\u200f\ufeff", "�exe.txt���"),
        ("\ud800", "�"),
    ],
)
def test_what_controls_a_terminal_is_replaced(text: str, shown: str) -> None:
    """Line breaks become spaces, other controls and marks of direction a visible character, and letters stay."""
    assert safe_text(text) == shown


def test_the_values_of_a_sentence_are_made_safe() -> None:
    """A value in a sentence is made safe wherever the sentence is shown."""
    assert translate(N_("Bonjour {name}", name="\x1b[2JZoé"), Language.FRENCH) == "Bonjour �[2JZoé"
