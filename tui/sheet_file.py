"""Exports a case sheet as an HTML file or as text for the clipboard."""

import os
from collections.abc import Iterator
from pathlib import Path

from core.desk.sheets import EscalationSheet
from core.text.faces import desk_terminal_texts
from core.text.faces import journal_screen_texts as words
from core.text.text import Moment
from templates import jinja_environment
from tui.timeline_widget import MARKS
from tui.translator import Translator


def write_sheet(path: Path, sheet: EscalationSheet, translator: Translator) -> None:
    """Write a sheet to a file that only the current user can read. Raises OSError."""
    text = sheet_page(sheet, translator)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def sheet_text(sheet: EscalationSheet, translator: Translator) -> str:
    say = translator.say
    lines = (f"{at}  {mark} {sentence}  {step}".rstrip() for at, mark, sentence, step in _lines(sheet, translator))
    title = say(words.SHEET_TITLE.fill({"case": sheet.number}))
    return "\n".join(
        (title, say(words.SHEET_IS_PERSONAL), *map(say, sheet.facts), say(desk_terminal_texts.TIMELINE), *lines)
    )


def sheet_page(sheet: EscalationSheet, translator: Translator) -> str:
    values = {
        "language": translator.language,
        "title": translator.say(words.SHEET_TITLE.fill({"case": sheet.number})),
        "warning": translator.say(words.SHEET_IS_PERSONAL),
        "facts": tuple(map(translator.say, sheet.facts)),
        "timeline": translator.say(desk_terminal_texts.TIMELINE),
        "lines": tuple(_lines(sheet, translator)),
    }
    return jinja_environment.environment("desk").get_template("case_sheet.html").render(values)


def _lines(sheet: EscalationSheet, translator: Translator) -> Iterator[tuple[str, str, str, str]]:
    for line in sheet.lines:
        yield translator.format_value(Moment(line.at)), MARKS[line.mark], translator.say(line.sentence), line.step or ""
