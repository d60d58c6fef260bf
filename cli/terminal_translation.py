"""Translate the core's sentences for the terminal: French unless the environment asks for another."""

import os

from cli.terminal_language import terminal_language
from core.text.text import Text
from core.text.translation import translate


def translate_for_terminal(text: Text) -> str:
    """Return a sentence in the terminal's language."""
    return translate(text, terminal_language(os.environ))
