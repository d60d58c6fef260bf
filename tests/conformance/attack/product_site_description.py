"""Describes a product for the attacker. The description is a TOML file, by default contract.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.conformance.html_page import HtmlPage
from tests.conformance.product import ReceivedMessage

CONTRACT = Path(__file__).parent / "contract.toml"
Typed = Mapping[str, str]
"""Templates of the values to type. The key is the name of the input."""
ROLE = re.compile(r"^\{(\w+)\}$")
NOWHERE = "none"
"""Step code of a page that belongs to no step, such as a refusal, and of a browser that has opened no page."""


class InvalidAdapter(Exception):
    """Raised when the TOML file is invalid. The message says why."""


@dataclass(frozen=True, kw_only=True)
class ProductSiteDescription:
    """The paths, patterns and field names of a product. The comments in contract.toml explain them."""

    first: str
    home: str
    case: str
    tries: str
    link_mail: str
    notice_mail: str
    code: str
    identifier: str
    mail_asked: str
    password_set: str
    signed_in: str
    code_asked: str
    under_way: list[str]
    ordered: list[str]
    undelivered: list[str]
    private: list[str]
    pages: Mapping[str, str]
    password_way: Mapping[str, Typed]
    identifier_way: Mapping[str, Typed]
    buttons: Mapping[str, Mapping[str, Any]]
    no_session: str = ""
    address_paused: str = ""
    desk: str = ""
    desk_noted: str = ""
    desk_mail: str = ""
    desk_way: Mapping[str, Typed] = field(default_factory=dict)
    desk_entry: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def answers_by_step(self) -> Mapping[str, list[Typed]]:
        """The forms that can be sent at each step."""
        found: dict[str, list[Typed]] = {step: [] for step in self.pages}
        for way in (self.password_way, self.identifier_way, self.desk_way):
            for step, typed in way.items():
                if typed not in found[step]:
                    found[step].append(typed)
        for button in self.buttons.values():
            found[button["step"]].append(button["send"])
        return found

    @cached_property
    def role_by_input(self) -> Mapping[str, str]:
        """The role of each input, such as `new_password`, by the name of the input."""
        typed = [item for answers in self.answers_by_step.values() for each in answers for item in each.items()]
        return {name: found[1] for name, template in typed if (found := ROLE.match(template))}

    def opens_no_session(self, cookie: str) -> bool:
        """Return whether a cookie with the given name never opens a session."""
        return bool(self.no_session) and re.fullmatch(self.no_session, cookie) is not None

    @cached_property
    def sign_in_step(self) -> str:
        return self._step_of("password", self.identifier_way)

    @cached_property
    def new_password_step(self) -> str:
        return self._step_of("new_password", self.password_way)

    @cached_property
    def identity_step(self) -> str:
        """The step that asks for the voter's identity."""
        return self._step_of("numen", self.identifier_way)

    @cached_property
    def desk_step(self) -> str:
        """The step that asks what the voter wants from the helpdesk."""
        return next(iter(self.desk_way), NOWHERE)

    @staticmethod
    def _step_of(role: str, way: Mapping[str, Typed]) -> str:
        return next((step for step, typed in way.items() if f"{{{role}}}" in typed.values()), NOWHERE)

    def step(self, page: HtmlPage | None) -> str:
        if page is None:
            return NOWHERE
        return next((step for step, pattern in self._patterns.items() if pattern.search(page.body)), NOWHERE)

    @cached_property
    def _patterns(self) -> Mapping[str, "re.Pattern[str]"]:
        return {step: re.compile(pattern) for step, pattern in self.pages.items()}

    def case_of(self, page: HtmlPage) -> str | None:
        found = re.search(self.case, page.body)
        return None if found is None else found[1]

    def attempts_sentence(self, page: HtmlPage) -> str:
        """Return the sentence on a page that says how many attempts are left."""
        found = re.search(self.tries, page.text)
        return "" if found is None else found[0]

    def codes(self, messages: list[ReceivedMessage]) -> list[str]:
        """Return the security codes in some SMS, oldest first."""
        found = [re.search(self.code, each.text) for each in messages if not re.search(self.identifier, each.text)]
        return [each[0] for each in found if each is not None]

    def identifiers(self, messages: list[ReceivedMessage]) -> list[str]:
        """Return the voting identifiers in some SMS."""
        found = [re.search(self.identifier, each.text) for each in messages]
        return [each[0] for each in found if each is not None]

    def recovery_link_mails(self, mails: list[ReceivedMessage]) -> list[ReceivedMessage]:
        """Return the mails that contain a recovery link."""
        return [mail for mail in mails if mail.link is not None and re.search(self.link_mail, mail.text)]

    def requested_mails(self, mails: list[ReceivedMessage]) -> list[ReceivedMessage]:
        """Return the mails that anybody who knows an address can request: recovery links and desk confirmations."""
        confirmations = [mail for mail in mails if self.desk_mail and re.search(self.desk_mail, mail.text)]
        return [*self.recovery_link_mails(mails), *confirmations]

    def pauses_address(self, page: HtmlPage) -> bool:
        """Return whether a page says that too many passwords were tried for one address."""
        return bool(self.address_paused) and re.search(self.address_paused, page.body) is not None

    def password_change_notices(self, mails: list[ReceivedMessage]) -> list[ReceivedMessage]:
        """Return the notices about a new password."""
        return [mail for mail in mails if re.search(self.notice_mail, mail.text)]


def read_site_adapter(path: Path = CONTRACT) -> ProductSiteDescription:
    """Read the TOML file that describes a product. Raises InvalidAdapter."""
    description = tomllib.loads(path.read_text("utf-8"))
    wanted = {
        each.name: each.default is MISSING and each.default_factory is MISSING
        for each in fields(ProductSiteDescription)
    }
    missing = sorted(name for name, needed in wanted.items() if needed and name not in description)
    unknown = sorted(description.keys() - wanted)
    if missing or unknown:
        raise InvalidAdapter(f"{path}: missing {missing}, unknown {unknown}")
    adapter = ProductSiteDescription(**description)
    named = {
        *adapter.password_way,
        *adapter.identifier_way,
        *adapter.desk_way,
        *(each["step"] for each in adapter.buttons.values()),
    }
    if unnamed := sorted(named - adapter.pages.keys()):
        raise InvalidAdapter(f"{path}: no pattern in [pages] for {unnamed}")
    return adapter
