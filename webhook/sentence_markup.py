"""Turns sentences into HTML. Every sentence and value is escaped."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from core.text.contact import ElectionContact
from core.text.text import Language, Moment, SentenceValue, Text, TimeOfDay
from core.text.translation import break_after_slashes, format_value, translate, with_no_break_spaces
from core.text.urls import tel_link
from templates.jinja_environment import html_with_unbreakable_parts, link_words_before_address

NAME = re.compile(r"\{(\w+)\}")
OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters, which no sentence contains
SLOT = re.compile(f"(?P<quote>«\u00a0|[“@]?){OPEN}(?P<name>\\w+){CLOSE}(?P<stop>(?:\u00a0»|”)?[.,]?)")
ON_ONE_LINE = {"case", "step"}  # read aloud on the telephone
DESK_PHONE = "desk_phone"
NAMES = {"first_name", "last_name"}
"""Placeholders for people's names."""
TIME = Markup('<time datetime="{}">{}</time>')  # a script adds the reader's local time if it differs
MAIL_ADDRESS = "mail_address"
WEB_PAGES = {"web_page", "vote_site"}
LINK = Markup('<a class="whole" href="{}">{}</a>')
IN_BOLD = Markup("<strong>{}</strong>")
KEPT_TIMES = {
    "again_at",
    "again_from",
    "begins",
    "call_from",
    "code_until",
    "ends",
    "opens_at",
    "resumes_at",
    "until",
    "vote_closes",
    "vote_opens",
}
"""Names of the placeholders for times that a voter must remember. Only these times are bold."""
NAMED_ADDRESS = "address"
"""Placeholder names with this ending stand for email addresses."""
WHOLE = Markup('<span class="whole">{}</span>')
TYPED_ADDRESS = Markup('<span class="whole typed">{}</span>')
IN_BOLD_ON_ONE_LINE = Markup('<strong class="code">{}</strong>')


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceMarkup:
    language: Language
    facts: Mapping[str, object]
    emphasised: frozenset[str]
    """Names of the values that are printed in bold."""
    telephone: Markup

    def plain(self, text: Text) -> str:
        return translate(text.fill(self.facts), self.language)

    def html(self, text: Text, *, emphasis: bool = True) -> Markup:
        """Return the sentence as HTML. Raises KeyError if a placeholder has no value."""
        pattern = _pattern(text.msgid, text.plural, _count(text), self.language)
        if OPEN not in pattern:
            return pattern
        printed = SLOT.sub(lambda slot: self._fill_slot(slot, text, emphasis=emphasis), pattern)
        if WEB_PAGES & text.params.keys():
            return link_words_before_address(printed)
        return Markup(printed)  # noqa: S704  # the pattern and each value are already escaped

    def html_or_none(self, text: Text | None) -> Markup | None:
        return None if text is None else self.html(text)

    def _fill_slot(self, slot: re.Match[str], text: Text, *, emphasis: bool) -> Markup:
        name, stop = slot["name"], slot["stop"]
        if name in WEB_PAGES:
            return LINK.format(text.params[name], text.params[name])
        value = Markup(f"{slot['quote']}{self._value(name, text, emphasis=emphasis)}{stop}")  # noqa: S704  # the value is escaped
        if name.endswith(NAMED_ADDRESS):
            return TYPED_ADDRESS.format(value)
        # A line may break after an unbreakable box, so a full stop or comma must be inside the box.
        boxed = stop and (name == DESK_PHONE or name in ON_ONE_LINE)
        whole = (
            boxed or name in NAMES or slot["quote"] == "@" or _is_address(text.params.get(name, self.facts.get(name)))
        )
        return WHOLE.format(value) if whole else value

    def _value(self, name: str, text: Text, *, emphasis: bool) -> Markup:
        if name in text.params:
            own = text.params[name]
            if name == MAIL_ADDRESS and isinstance(own, str):
                return LINK.format(f"mailto:{own}", html_with_unbreakable_parts(own))
            # In the examples of flows, a telephone number stays on one line. An email address may break after the @.
            if isinstance(own, str) and "://" not in own:
                return html_with_unbreakable_parts(with_no_break_spaces(own, self.language))
            return self._written(name, own)
        if name == DESK_PHONE:
            return self.telephone
        value = self.facts[name]
        written = self._written(name, value)
        if not emphasis or name not in self.emphasised or isinstance(value, Text | Moment | TimeOfDay):
            return written  # a whole sentence is never bold
        return (IN_BOLD_ON_ONE_LINE if name in ON_ONE_LINE else IN_BOLD).format(written)

    def _written(self, name: str, value: object) -> Markup:
        if isinstance(value, str):
            return _html(value)
        if isinstance(value, Text):
            return self.html(value, emphasis=False)
        said = self._text(value)
        shown = Markup.escape(said) if isinstance(value, TimeOfDay) else html_with_unbreakable_parts(said)
        if name in KEPT_TIMES:
            shown = IN_BOLD.format(shown)
        if isinstance(value, Moment | TimeOfDay):
            shown = TIME.format(value.at.isoformat(timespec="minutes"), shown)
        return shown

    def _text(self, value: object) -> str:
        return with_no_break_spaces(str(format_value(value, self.language)), self.language)


def sentence_markup(
    election: ElectionContact, language: Language, facts: Mapping[str, object], *, case: str | None = None
) -> SentenceMarkup:
    visit = dict(facts) if case is None else {"case": case, **facts}
    return SentenceMarkup(
        language=language,
        facts={**election.facts, **visit},
        emphasised=frozenset({"site", *visit}),
        telephone=dialling_link(election.desk_phone),
    )


@lru_cache
def dialling_link(number: str) -> Markup:
    return Markup('<a class="phone" href="{}">{}</a>').format(tel_link(number), number)


def html_of_fixed_sentence(text: Text, language: Language) -> Markup:
    return _pattern(text.msgid, None, None, language)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and ("@" in value or "://" in value)


def _html(value: str) -> Markup:
    shown = escape(value)
    return Markup(break_after_slashes(shown)) if "://" in shown else shown  # noqa: S704  # escaped just before


def _count(text: Text) -> int | None:
    count = text.params.get("count") if text.plural is not None else None
    return count if isinstance(count, int) else None


@lru_cache(maxsize=4096)
def _pattern(msgid: str, plural: str | None, count: int | None, language: Language) -> Markup:
    slots: dict[str, SentenceValue] = {
        name: Text(f"{OPEN}{name}{CLOSE}") for name in NAME.findall(msgid + (plural or ""))
    }
    if count is not None:
        slots["count"] = count  # chooses the singular or the plural
    return html_with_unbreakable_parts(with_no_break_spaces(translate(Text(msgid, plural, slots), language), language))
