"""Composes a mail of a text and an HTML part from a Message's sentences: the same bytes for the same input.

The templates in `templates/mail/` place the sentences; the sentences come from the flows and from `core.text.faces.mail_frame_words`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache, lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from core.adapters.bounce_addresses import BounceAddresses, bounce_tag
from core.adapters.mail_line_wrapping import one_line, wrap_lines
from core.adapters.mime import text_and_html_mail, unstructured_header
from core.forms.model import MailOrSmsWords
from core.policy.policy import ElectionContact
from core.policy.urls import PRIVACY_PATH
from core.ports import ComposedMail, Vault
from core.security import key_purposes
from core.text.faces.mail_frame_words import FRAME
from core.text.text import Language, Text
from core.text.translation import keep_unbroken, translate, with_no_break_spaces

KEY_BYTES = 20
UNBROKEN = '<span style="display:inline-block; max-width:100%; overflow-wrap:anywhere;">'
ADDRESS = re.compile(r"(?P<local>[\w.!#$%&'*+/=?^`{|}~-]+)@(?P<domain>[A-Za-z0-9.-]+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTemplateValues:
    """The values of the mail templates, in the language of the reader."""

    language: Language
    election: str
    site: str
    code: str
    position: str | None
    """The position of that step on its way, such as "step 5 of 7"."""
    case: str
    subject: str
    body: tuple[str, ...]
    exact: tuple[str, ...]
    after: tuple[str, ...]
    action: str | None
    link: str | None
    stop: str | None
    stop_link: str | None
    without_voice: tuple[str, ...]
    frame: Mapping[str, str]
    repeated: "MailTemplateValues | None"
    """The same in a second language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _CommonSentences:
    """The words of one language that are the same in every mail."""

    election: str
    positions: Mapping[str, str]
    without_voice: tuple[str, ...]
    frame: Mapping[str, str]


class MailComposer:
    """Composes mails. `sender` stands in From, "Name <address>"; bounces come back to `bounce_local+…@bounce_domain`.

    `positions` say of each step's code at which place of its way it is.
    """

    def __init__(
        self,
        election: ElectionContact,
        sender: str,
        vault: Vault,
        bounce_domain: str,
        bounce_local: str,
        *,
        positions: Mapping[str, Text],
    ) -> None:
        """Raises ValueError if an address cannot be one."""
        self._election = election
        self._sender = _named(sender, election.name)
        self._from = _folded("From", self._sender)
        self._vault = vault
        self._facts = {**election.facts, "privacy_page": f"{election.site}{PRIVACY_PATH}"}
        self._positions = positions
        self._sentences = cache(self._translated_sentences)
        self._bounces = BounceAddresses(vault, local=bounce_local, domain=bounce_domain)
        templates = _templates()
        self._templates = (templates.get_template("message.txt"), templates.get_template("message.html"))

    def compose(
        self,
        message: MailOrSmsWords,
        *,
        to: str,
        facts: Mapping[str, object],
        language: Language,
        link: str | None,
        case: str,
        message_key: bytes,
        at: datetime,
        stop_link: str | None = None,
    ) -> ComposedMail:
        """Compose a mail. `message_key` is unique to this mail; its identifiers are derived from it.

        Raises KeyError for a sentence with a name that no fact gives, ValueError for a malformed address and for a link without
        words or words without a link. All of these are defects, and nothing is sent.
        """
        if (message.action is None) != (link is None) or (message.stop is None) != (stop_link is None):
            raise ValueError("a link and its words go together", message.code)
        values = self._template_values(message, facts, language, (link, stop_link), case)
        key = bounce_tag(self._vault.digest(key_purposes.MESSAGE_ID, message_key), KEY_BYTES)
        content = self._content(values, _address(to).addr_spec, key, at)
        sender = self._bounces.address_of_case(case)
        return ComposedMail(sender=sender, recipient=to, message_id=self._message_id(key), content=content)

    def case_of_bounce(self, address: str) -> str | None:
        """Return the case a bounce belongs to, or None if we did not make that address."""
        return self._bounces.case_of(address)

    def _template_values(
        self,
        message: MailOrSmsWords,
        facts: Mapping[str, object],
        language: Language,
        links: tuple[str | None, str | None],
        case: str,
    ) -> MailTemplateValues:
        known = {**self._facts, "case": case, **facts}
        common = self._sentences(language)

        def read(text: Text) -> str:
            return one_line(translate(text.fill(known), language))

        return MailTemplateValues(
            language=language,
            election=common.election,
            site=self._election.site,
            code=message.code,
            position=common.positions.get(message.code),
            case=case,
            subject=read(message.subject),
            body=tuple(map(read, message.body)),
            exact=message.exact,
            after=tuple(map(read, message.after)),
            action=read(message.action) if message.action else None,
            link=links[0],
            stop=read(message.stop) if message.stop else None,
            stop_link=links[1],
            without_voice=common.without_voice,
            frame=common.frame,
            repeated=None
            if message.repeated_in is None
            else self._template_values(replace(message, repeated_in=None), facts, message.repeated_in, links, case),
        )

    def _translated_sentences(self, language: Language) -> "_CommonSentences":
        """Translate the sentences that every mail in that language has."""

        def read(text: Text) -> str:
            return one_line(translate(text.fill(self._facts), language))

        return _CommonSentences(
            election=one_line(self._election.name),
            positions={code: read(text) for code, text in self._positions.items()},
            without_voice=tuple(map(read, self._election.ways_without_voice)),
            frame={name: read(text) for name, text in FRAME.items()},
        )

    def _content(self, values: MailTemplateValues, to: str, key: str, at: datetime) -> bytes:
        both = [each for each in (values, values.repeated) if each is not None]
        headers = (
            ("From", self._from),
            ("To", to),
            ("Subject", unstructured_header("Subject", " / ".join(each.subject for each in both))),
            ("Date", format_datetime(at)),
            ("Message-ID", self._message_id(key)),
            ("Auto-Submitted", "auto-generated"),  # RFC 3834: no holiday reply comes back
            ("X-Auto-Response-Suppress", "All"),  # the same for Exchange
            ("Content-Language", ", ".join(each.language.value for each in both)),
        )
        text, html = (template.render(values=values) for template in self._templates)
        return text_and_html_mail(headers, text, html, f"=_{key}")

    def _message_id(self, key: str) -> str:
        return f"<{key}@{self._sender.domain}>"


def _named(sender: str, otherwise: str) -> Address:
    """Return the address in From: "Name <address>" as a setting has it, or the bare address with the election's name."""
    name, address = parseaddr(sender)
    return _address(address, one_line(str(make_header(decode_header(name)))) or one_line(otherwise))


def _folded(name: str, address: Address) -> str:
    """Fold an address with its name for that header."""
    folded: str = SMTP.header_factory(name, str(address)).fold(policy=SMTP)
    return folded.removeprefix(f"{name}:").strip()  # a long first word goes to a line of its own


def _address(written: str, name: str = "") -> Address:
    """Parse an address. Raises ValueError for what could end a header or stand for two addresses."""
    found = ADDRESS.fullmatch(written)
    if found is None:
        raise ValueError("not an address a mail can be sent to")
    return Address(display_name=name, username=found["local"], domain=found["domain"])


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


@lru_cache(maxsize=1024)  # most sentences of a mail are everybody's
def _typeset(sentence: str, language: Language) -> Markup:
    """Return a sentence as HTML whose dates and numbers stay together, and whose addresses begin a line rather than break."""
    html = str(escape(with_no_break_spaces(sentence, language)))
    return Markup(keep_unbroken(html, UNBROKEN))  # noqa: S704  # escaped just before
