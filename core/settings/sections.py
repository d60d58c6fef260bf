"""The sections of election.toml, one class each. A default is here and, for the operator, in the sample."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from annotated_types import Interval
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.policy import PRESETS, Policy
from core.settings import words
from core.settings.values import (
    LOOPBACK,
    From,
    GatewayUrl,
    Host,
    LocalPart,
    MailAddress,
    Network,
    PlatformUrl,
    Sender,
    Site,
    SmsSender,
    When,
    Whole,
    Words,
    Zone,
    wrong,
    wrong_at,
)

DEFAULT_PRESET = "2018"
DATES = ("recovery_opens", "vote_opens", "vote_closes")
ORDERED = (
    ("password_minimum_length", "password_maximum_length"),
    ("link_mail_margin_minutes", "link_valid_minutes"),
    ("resend_after_minutes", "link_valid_minutes"),
    ("normal_mail_delay_minutes", "link_valid_minutes"),
    ("sign_in_tries", "sign_in_tries_from_strangers"),
    ("sms_per_phone_per_day", "sms_per_country_per_day"),
    ("sms_per_country_per_day", "sms_per_day"),
)
"""Numbers of the policy that make no sense the other way round: the first is at most the second."""


class Section(BaseModel):
    """A table of the file: what it does not know is a slip of the pen, and refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ElectionSection(Section):
    """[election]. A date without an offset is taken on the clocks of `zone`."""

    name: Words
    site: Site
    zone: Zone = ZoneInfo("Europe/Paris")
    recovery_opens: When
    vote_opens: When
    vote_closes: When

    @field_validator(*DATES)
    @classmethod
    def _in_order(cls, moment: datetime, info: ValidationInfo) -> datetime:
        zone = info.data.get("zone", ZoneInfo("UTC"))
        local = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
        for name in DATES[: DATES.index(str(info.field_name))]:
            if name in info.data and local <= info.data[name]:
                raise wrong(words.DATES_DISORDERED.fill({"earlier": name}), words.IN_ORDER)
        return local


class DeskSection(Section):
    """[desk]. They are printed as they are written; without English hours, English pages show the French ones."""

    phone: Words
    hours: Words
    hours_english: Words | None = None
    email: MailAddress


class BoardSection(Section):
    """[board]. Without an address, checkpoints of the journal stay on the machine that made them."""

    email: MailAddress | None = None


class WebSection(Section):
    """[web]. No allowed host means the site's own, and this machine's names."""

    host: Host = "127.0.0.1"
    port: Annotated[Whole, Interval(ge=1, le=65535)] = 8000
    workers: Annotated[Whole, Interval(ge=1, le=64)] = 2
    allowed_hosts: tuple[Host, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()


class MetricsSection(Section):
    """[metrics]. Without a port a process counts nothing and listens nowhere."""

    host: Host = "127.0.0.1"
    serve_port: Annotated[Whole, Interval(ge=1, le=65535)] | None = None
    courier_port: Annotated[Whole, Interval(ge=1, le=65535)] | None = None

    @property
    def read(self) -> bool:
        """Whether anybody reads them."""
        return self.serve_port is not None or self.courier_port is not None


class Tls(StrEnum):
    """How the way to a relay is protected: not at all, from STARTTLS on, or from the first byte."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


Connections = Annotated[Whole, Interval(ge=1, le=100)]
"""Twenty is as many as Postfix itself opens to one destination (`default_destination_concurrency_limit`)."""


class RelaySection(Section):
    """[[mail.relays]]. `password` comes from the environment or from `password_file`, never from election.toml."""

    host: Host
    port: Annotated[Whole, Interval(ge=1, le=65535)] = 587
    tls: Tls = Tls.STARTTLS
    username: Words | None = None
    password_file: Path | None = None
    password: SecretStr | None = None
    timeout_seconds: Annotated[Whole, Interval(ge=1, le=300)] = 10

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        has_password = self.password is not None or self.password_file is not None
        if self.username is not None and not has_password:
            wrong_at("username", self.username, words.NO_PASSWORD_FOR_THE_USER, words.PASSWORD_FILE)
        if self.username is None and has_password:
            wrong_at("password_file", self.password_file, words.NO_USER_FOR_THE_PASSWORD, words.USERNAME)
        return self


def _at_least_one(relays: tuple[RelaySection, ...]) -> tuple[RelaySection, ...]:
    if not relays:
        raise wrong(words.NO_RELAY, words.RELAY)
    return relays


class MailSection(Section):
    """[mail]. Bounces come back to `bounce_local_part+…@bounce_domain`; without a domain, to the sender's.

    While relays are slow, up to `connections` are open, the one that is kept among them; while they are prompt, that one.
    """

    sender: From
    bounce_domain: Annotated[Host, Field(validate_default=True)] = ""
    bounce_local_part: LocalPart = "retour"
    connections: Connections = 20
    relays: Annotated[tuple[RelaySection, ...], AfterValidator(_at_least_one)]

    @field_validator("bounce_domain", mode="before")
    @classmethod
    def _of_the_sender(cls, domain: object, info: ValidationInfo) -> object:
        sender: Sender | None = info.data.get("sender")
        if domain or sender is None:
            return domain or "localhost"  # without a sender, the settings are refused already
        return sender.address.rpartition("@")[2]


class GatewaySection(Section):
    """[[sms.gateways]]: the "sendsms" of a Kannel. `password` comes from the environment or from `password_file`."""

    url: GatewayUrl
    username: Words
    password_file: Path | None = None
    password: SecretStr | None = None
    sender: SmsSender
    timeout_seconds: Annotated[Whole, Interval(ge=1, le=300)] = 10

    @model_validator(mode="after")
    def _with_a_password(self) -> Self:
        if self.password is None and self.password_file is None:
            wrong_at("username", self.username, words.NO_PASSWORD_FOR_THE_GATEWAY, words.PASSWORD_FILE)
        return self


class SmsSection(Section):
    """[sms]. Gateways call back at `callbacks`, from `callback_networks` only; without an address, at the site's own port.

    `connections` is as in [mail].
    """

    callbacks: Site | None = None
    callback_networks: tuple[Network, ...] = LOOPBACK
    inbound_secret_file: Path | None = None
    inbound_secret: SecretStr | None = None
    connections: Connections = 20
    gateways: tuple[GatewaySection, ...] = ()


SHORTEST_KEY = 32
"""Characters: 256 bits are 64 hexadecimal digits or 43 of base64."""


class PlatformSection(Section):
    """[platform]. Without an address, identifiers are kept by our own registry. `key` is never in election.toml."""

    url: PlatformUrl | None = None
    key_file: Path | None = None
    key: SecretStr | None = None
    timeout_seconds: Annotated[Whole, Interval(ge=1, le=60)] = 5

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        has_key = self.key is not None or self.key_file is not None
        allowed = words.PLATFORM_KEY.fill({"minimum": SHORTEST_KEY})
        if self.url is not None and not has_key:
            wrong_at("url", self.url, words.NO_PLATFORM_KEY, allowed)
        if self.url is None and has_key:
            wrong_at("key_file", self.key_file, words.NO_PLATFORM_URL, words.PLATFORM_URL)
        if self.key is not None and len(self.key.get_secret_value()) < SHORTEST_KEY:
            wrong_at("key", "", words.SHORT_PLATFORM_KEY, allowed)
        return self

    @property
    def shared_key(self) -> bytes | None:
        """The key as both sides use it: the file's line, as it stands."""
        return None if self.key is None else self.key.get_secret_value().encode()


def _with_preset(written: object) -> object:
    """The preset's numbers, and over them those of the file."""
    if not isinstance(written, Mapping):
        return written
    preset = str(written.get("preset", DEFAULT_PRESET))
    if preset not in PRESETS:
        choices = ", ".join(f'"{name}"' for name in PRESETS)
        wrong_at("preset", preset, words.NOT_A_CHOICE, words.ONE_OF.fill({"choices": choices}))
    base = {name: getattr(PRESETS[preset], name) for name in Policy.__dataclass_fields__}
    return base | {name: _number(base.get(name), value) for name, value in written.items() if name != "preset"}


def _number(default: object, value: object) -> object:
    """A boolean where a number is due becomes a word, so that it is not read as 0 or 1."""
    return str(value).lower() if isinstance(value, bool) and not isinstance(default, bool) else value


def _sensible(policy: Policy) -> Policy:
    for smaller, larger in ORDERED:
        low, high = getattr(policy, smaller), getattr(policy, larger)
        if low > high:
            names = {"smaller": smaller, "larger": larger}
            reason = words.NUMBERS_DISORDERED.fill({**names, "smaller_value": low, "larger_value": high})
            wrong_at(larger, high, reason, words.NUMBERS_IN_ORDER.fill(names), instead=smaller)
    return policy


def _a_table(written: object) -> object:
    if not isinstance(written, Mapping | Policy):
        raise PydanticCustomError("model_type", "not a table")
    return written


PolicySection = Annotated[Policy, BeforeValidator(_with_preset), BeforeValidator(_a_table), AfterValidator(_sensible)]
"""[policy]: a preset, and over it any number of `core.policy.Policy`, within the bounds of its type."""
