"""Draws a mail once for everybody, with a blank for each sentence that names its reader or a moment, and fills it in for each.

The desk's written answers and the mails of checkpoints have words of their own each time: each of those is drawn.
The templates in `templates/mail/` place the sentences; the sentences come from the flows and from `core.text.faces.mail_frame_texts`.
Drawing and encoding each mail anew, a mailed link took its courier 1,627 function calls instead of 961 (measured).
"""

import textwrap
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from core.adapters.mime_encoding import (
    PartWithBlanks,
    encode_mail_part_with_blanks,
    fill_mail_part,
    unstructured_header,
)
from core.election.contact import ElectionContact
from core.forms.flow_model import MailOrSmsText
from core.text.blanks_filled_per_reader import blank_marker
from core.text.faces.mail_frame_texts import FRAME
from core.text.text import Language, Text
from core.text.translation import translate, with_no_break_spaces, wrap_unbreakable_parts

MESSAGES_DRAWN = 64
"""The number of drawn mails that are kept: each message in each language, and some with a subject of their own."""
CASE, LINK, STOP_LINK = "case", "link", "stop_link"
"""The blanks that are no sentences."""
COLUMNS = 72
NO_BREAK_SPACES = str.maketrans("\u00a0\u202f", "  ")
Values = Mapping[str, object]
"""The values of the mail templates, in the language of the reader."""
UNBROKEN = '<span style="display:inline-block; max-width:100%; overflow-wrap:anywhere;">'


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWithBlanks:
    """A mail drawn once for everybody, with a blank for each sentence that names its reader or its moment, and for its links."""

    own: Mapping[str, tuple[Text, Language]]
    """The sentences to put in place of blanks, by the names of these."""
    subject: str
    languages: str
    text: PartWithBlanks
    html: PartWithBlanks

    def fill(
        self, facts: Mapping[str, object], case: str, link: str | None, stop_link: str | None
    ) -> tuple[bytes, bytes]:
        """Return the text and the HTML part. Raises KeyError for a name that no fact gives."""
        plain = {CASE: case, LINK: link or "", STOP_LINK: stop_link or ""}
        sentences = {name: (_read(text, facts, language), language) for name, (text, language) in self.own.items()}
        text = {**plain, **{name: wrap_lines(*sentence) for name, sentence in sentences.items()}}
        html = {name: escape(value) for name, value in plain.items()}
        html |= {name: _typeset(*sentence) for name, sentence in sentences.items()}
        return fill_mail_part(self.text, text), fill_mail_part(self.html, html)


class MailWithBlanksRenderer:
    """Draws the mails of one election; `facts` are the values that its sentences may name, `positions` those of MailComposer."""

    def __init__(self, election: ElectionContact, facts: Mapping[str, object], positions: Mapping[str, Text]) -> None:
        self._election = election
        self._facts = facts
        self._positions = positions
        self._templates = _templates()
        self._sentences = cache(self._translated_sentences)
        self._drawn = lru_cache(maxsize=MESSAGES_DRAWN)(self._draw)

    def draw(self, message: MailOrSmsText, facts: Mapping[str, object], language: Language) -> MailWithBlanks:
        """Return the mail with blanks. Raises KeyError for a name in its subject that no fact gives."""
        return self._drawn(
            message, language, *[_read(message.subject, facts, each) for each in _languages(message, language)]
        )

    def _draw(self, message: MailOrSmsText, language: Language, *subjects: str) -> MailWithBlanks:
        """Draw a mail. A subject that names its reader is drawn each time: it is a title too, where nothing is typeset."""
        own: dict[str, tuple[Text, Language]] = {}
        languages = _languages(message, language)
        values = None
        for spoken, subject in reversed([*zip(languages, subjects, strict=True)]):
            values = self._template_values(message, spoken, subject, own, repeated=values)
        return MailWithBlanks(
            own=own,
            subject=unstructured_header("Subject", " / ".join(subjects)),
            languages=", ".join(languages),
            text=encode_mail_part_with_blanks(self._templates.get_template("message.txt").render(values=values)),
            html=encode_mail_part_with_blanks(self._templates.get_template("message.html").render(values=values)),
        )

    def _template_values(
        self,
        message: MailOrSmsText,
        language: Language,
        subject: str,
        own: dict[str, tuple[Text, Language]],
        *,
        repeated: Values | None,
    ) -> Values:
        """Return the values to draw with. A sentence that more is needed for than the election's facts becomes a blank in `own`.

        `repeated` is the same in a second language.
        """

        def read(text: Text) -> str:
            if text.plural is None or "count" in text.params:
                with suppress(KeyError):
                    return _read(text, self._facts, language)
            name = f"sentence{len(own)}"
            own[name] = (text, language)
            return blank_marker(name)

        positions, common = self._sentences(language)
        return {
            **common,
            "code": message.code,
            "position": positions.get(message.code),
            "case": blank_marker(CASE),
            "subject": subject,
            "body": tuple(map(read, message.body)),
            "exact": message.exact,
            "after": tuple(map(read, message.after)),
            "action": read(message.action) if message.action else None,
            "link": blank_marker(LINK) if message.action else None,
            "stop": read(message.stop) if message.stop else None,
            "stop_link": blank_marker(STOP_LINK) if message.stop else None,
            "repeated": repeated,
        }

    def _translated_sentences(self, language: Language) -> tuple[Mapping[str, str], Values]:
        """Return the position of each step on its way, such as "step 5 of 7", and what every mail in that language has."""

        def read(text: Text) -> str:
            return _read(text, self._facts, language)

        common = {
            "language": language,
            "election": without_line_breaks_or_controls(self._election.name),
            "without_voice": tuple(map(read, self._election.contact_ways_without_telephone)),
            "frame": {name: read(text) for name, text in FRAME.items()},
        }
        return {code: read(text) for code, text in self._positions.items()}, common


def _languages(message: MailOrSmsText, language: Language) -> tuple[Language, ...]:
    """Return the languages in which a mail says all, one below the other."""
    return (language,) if message.repeated_in is None else (language, message.repeated_in)


def _read(text: Text, facts: Mapping[str, object], language: Language) -> str:
    """Return a sentence as it is read, on one line. Raises KeyError for a name that no fact gives."""
    return without_line_breaks_or_controls(translate(text.fill(facts), language))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("templates", "mail"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(wrapped=wrap_lines, typeset=_typeset)
    return environment


@lru_cache(maxsize=1024)  # many readers are told the same moment
def _typeset(sentence: str, language: Language) -> Markup:
    """Return a sentence as HTML whose dates and numbers stay together, and whose addresses begin a line rather than break."""
    html = str(escape(with_no_break_spaces(sentence, language)))
    return Markup(wrap_unbreakable_parts(html, UNBROKEN))  # noqa: S704  # escaped just before


def without_line_breaks_or_controls(sentence: str) -> str:
    """Remove line breaks, control characters and marks that change the direction of reading.

    A name on the roll can then neither begin a header, nor a paragraph of its own, nor read as something else.
    """
    plain = sentence if sentence.isprintable() else "".join(map(_plain, sentence))
    return plain.strip()


def _plain(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cs":
            return ""
        case _:
            return character


@lru_cache(maxsize=1024)  # many readers are told the same moment
def wrap_lines(sentence: str, language: Language) -> str:
    """Wrap to 72 columns; no line begins with « : » or « ! », and long words stay whole."""
    lines = textwrap.wrap(
        with_no_break_spaces(sentence, language), COLUMNS, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines).translate(NO_BREAK_SPACES)
