import base64
import hmac
import re
from collections.abc import Mapping
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache, partial

from core.adapters.mail_templates import mail_templates
from core.adapters.mime_encoding import text_and_html_mail, unstructured_header
from core.ports import ComposedMail, MailToCompose, Vault
from core.security import key_purposes
from core.text.contact import ElectionContact
from core.text.faces.mail_frame_texts import FRAME
from core.text.safe_text import safe_text
from core.text.text import Language, Text
from core.text.translation import translate
from core.text.urls import PRIVACY_PATH

KEY_DIGITS = 40
TAG_BYTES = 10
# They become 16 letters.
DETAIL = re.compile(r"(?P<case>[0-9a-z]{8})\.(?P<tag>[a-z2-7]{16})", re.ASCII)
Values = Mapping[str, object]
NO_ADDRESS = "not an address that can receive mail"
ADDRESS = re.compile(r"(?P<local>[\w.!#$%&'*+/=?^`{|}~-]+)@(?P<domain>[A-Za-z0-9.-]+)", re.ASCII)
"""Pattern of accepted email addresses. It allows no line break and no second address."""


class MailComposer:
    """Composes emails with text and HTML. `positions` maps message codes to texts such as "step 5 of 7"."""

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
        self._sender = _from_address(sender, election.name)
        folded: str = SMTP.header_factory("From", str(self._sender)).fold(policy=SMTP)
        self._from = folded.removeprefix("From:").strip()  # folding may move a long first word to the next line
        self._facts = {**election.facts, "privacy_page": f"{election.site}{PRIVACY_PATH}"}
        # Translations take 3 MB, so each language is read only when it is needed.
        self._every_mail = cache(partial(self._values_of_every_mail, election))
        self._positions = positions
        self._text = mail_templates().get_template("message.txt")
        self._html = mail_templates().get_template("message.html")
        self.bounces = BounceAddresses(vault, local=bounce_local, domain=bounce_domain)

    def compose(self, mail: MailToCompose) -> ComposedMail:
        """Compose an email. Raises ValueError or KeyError."""
        message = mail.message
        if (message.action is None) != (mail.link is None) or (message.stop is None) != (mail.stop_link is None):
            raise ValueError("a link and its text must go together", message.code)
        if ADDRESS.fullmatch(mail.to) is None:
            raise ValueError(NO_ADDRESS)
        facts = {**mail.facts, **self._facts, "case": mail.case}
        values = self._values(mail, facts, mail.language)
        subject, languages = str(values["subject"]), str(mail.language)
        if message.repeated_in is not None:
            repeated = self._values(mail, facts, message.repeated_in)
            values["repeated"] = repeated
            subject, languages = f"{subject} / {repeated['subject']}", f"{languages}, {message.repeated_in}"
        key = mail.message_key.hex()[:KEY_DIGITS]
        message_id = f"<{key}@{self._sender.domain}>"
        headers = (
            ("From", self._from),
            ("To", mail.to),
            ("Subject", unstructured_header("Subject", subject)),
            ("Date", format_datetime(mail.at)),
            ("Message-ID", message_id),
            ("Auto-Submitted", "auto-generated"),  # RFC 3834: suppresses automatic replies
            ("X-Auto-Response-Suppress", "All"),  # the same for Exchange
            ("Content-Language", languages),
        )
        text, html = self._text.render(values=values), self._html.render(values=values)
        content = text_and_html_mail(headers, text, html, f"=_{key}")
        sender = self.bounces.address_of_case(mail.case)
        return ComposedMail(sender=sender, recipient=mail.to, message_id=message_id, content=content)

    def _values(self, mail: MailToCompose, facts: Mapping[str, object], language: Language) -> dict[str, object]:
        message, position = mail.message, self._positions.get(mail.message.code)
        return {
            **self._every_mail(language),
            "code": message.code,
            "position": position and translate(position.fill(facts), language),
            "case": mail.case,
            "subject": translate(message.subject.fill(facts), language),
            "body": [translate(sentence.fill(facts), language) for sentence in message.body],
            "exact": message.exact,
            "after": [translate(sentence.fill(facts), language) for sentence in message.after],
            "action": message.action and translate(message.action.fill(facts), language),
            "link": mail.link,
            "stop": message.stop and translate(message.stop.fill(facts), language),
            "stop_link": mail.stop_link,
            "repeated": None,
        }

    def _values_of_every_mail(self, election: ElectionContact, language: Language) -> Values:
        return {
            "language": language,
            "election": safe_text(election.name).strip(),
            "without_voice": [
                translate(way.fill(self._facts), language) for way in election.contact_ways_without_telephone
            ],
            "frame": {name: translate(sentence.fill(self._facts), language) for name, sentence in FRAME.items()},
        }


def _from_address(sender: str, otherwise: str) -> Address:
    """Return the From address. The display name defaults to the election's name."""
    name, address = parseaddr(sender)
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(NO_ADDRESS)
    shown = safe_text(str(make_header(decode_header(name)))).strip()
    shown = shown or safe_text(otherwise).strip()
    return Address(display_name=shown, username=found["local"], domain=found["domain"])


class BounceAddresses:
    """Creates bounce addresses that identify a case and cannot be forged: `local+case.tag@domain`."""

    def __init__(self, vault: Vault, *, local: str, domain: str) -> None:
        self._vault = vault
        self._local = local
        self._domain = domain

    def address_of_case(self, number: str) -> str:
        bare = number.replace("-", "").lower()
        return f"{self._local}+{bare}.{self._tag(bare)}@{self._domain}"

    def case_of(self, address: str) -> str | None:
        """Return the case number in a bounce address, or None if the address is not genuine."""
        local, _, domain = address.strip().lower().rpartition("@")
        prefix, _, detail = local.partition("+")
        found = DETAIL.fullmatch(detail)
        if found is None or (prefix, domain) != (self._local.lower(), self._domain.lower()):
            return None
        bare = found["case"]
        return f"{bare[:4]}-{bare[4:]}".upper() if hmac.compare_digest(found["tag"], self._tag(bare)) else None

    def _tag(self, bare: str) -> str:
        # Lower-case base32, which every mail server preserves.
        digest = self._vault.digest(key_purposes.BOUNCE, bare.encode())
        return base64.b32encode(digest[:TAG_BYTES]).decode("ascii").lower()
