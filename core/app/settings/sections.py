"""The sections of election.toml. Each section is a class."""

from contextlib import suppress
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from annotated_types import Interval
from pydantic import (
    AfterValidator,
    Field,
    IPvAnyNetwork,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from core.adapters.smtp_mail_transport import SmtpTlsMode
from core.app.settings.refusals import refusal, refuse
from core.app.settings.section_base import RelayOrGatewaySection, SettingsSection, TimeoutSeconds
from core.app.settings.sms_gateways import AnyGatewaySection, require_different_names
from core.app.settings.values import (
    LOOPBACK,
    DateTimeValue,
    Host,
    LocalPart,
    MailAddress,
    MailSenderNameAndAddress,
    PlatformUrl,
    Port,
    SenderValue,
    ShortText,
    Site,
    TimeZone,
    WebAddress,
    WholeNumber,
)
from core.text.text import N_

DATES = ("recovery_opens", "vote_opens", "vote_closes")
SHORTEST_KEY = 32
"""Minimum number of characters in a shared key."""

DATES_DISORDERED = N_(
    "Cette date n'est pas après {earlier} : le service ouvre avant le vote, qui ouvre avant sa clôture."
)
LARGEST_LOGO = 50 * 1024
"""Maximum size of the institution's logo, in bytes."""
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LOGO_WITHOUT_NAME = N_("Il faut aussi name : les lecteurs d'écran disent le nom à la place du logo.")
NOT_A_LOGO = N_(
    "Ce fichier doit être lisible par ce programme, être une image SVG ou PNG, et faire {maximum} ko au plus.",
    maximum=LARGEST_LOGO // 1024,
)
NO_RELAY = N_("Il faut au moins un relais de messagerie : une section [[mail.relays]] ou plus.")
NO_PASSWORD_FOR_THE_USER = N_("Ce relais a un utilisateur mais pas de mot de passe : il lui faut password_file.")
NO_USER_FOR_THE_PASSWORD = N_("Ce relais a un mot de passe mais pas d'utilisateur : il lui faut username.")
NO_PLATFORM_KEY = N_("Ce service de vote n'a pas de clé partagée : il lui faut key_file.")
NO_PLATFORM_URL = N_("Il y a une clé partagée, mais pas de service de vote : il lui faut url.")


class ElectionSection(SettingsSection):
    """The [election] section. Dates without a UTC offset are in the time zone `zone`."""

    name: ShortText
    site: Site
    vote_site: WebAddress | None = None
    zone: TimeZone = ZoneInfo("Europe/Paris")
    address_domains: tuple[Host, ...] = ()
    recovery_opens: DateTimeValue
    vote_opens: DateTimeValue
    vote_closes: DateTimeValue

    @field_validator(*DATES)
    @classmethod
    def _check_order(cls, moment: datetime, info: ValidationInfo) -> datetime:
        zone = info.data.get("zone", ZoneInfo("UTC"))
        local = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
        for name in DATES[: DATES.index(str(info.field_name))]:
            if name in info.data and local <= info.data[name]:
                raise refusal(DATES_DISORDERED.fill({"earlier": name}))
        return local


class InstitutionSection(SettingsSection):
    """The [institution] section. The logo is checked when the program starts."""

    name: ShortText | None = None
    logo: Path | None = None
    _image: bytes = PrivateAttr(b"")

    def with_logo_from(self, folder: Path) -> Self:
        """Read the logo file, and return the section with the image. Raises ValidationError."""
        if self.logo is None:
            return self
        if self.name is None:
            refuse(("institution", "logo"), self.logo, LOGO_WITHOUT_NAME)
        read = self.model_copy()
        read.read_image(folder / self.logo)
        if not read.logo_type:
            refuse(("institution", "logo"), self.logo, NOT_A_LOGO)
        return read

    def read_image(self, file: Path) -> None:
        with suppress(OSError):
            self._image = file.read_bytes() if file.stat().st_size <= LARGEST_LOGO else b""

    @property
    def image(self) -> bytes:
        return self._image

    @property
    def logo_type(self) -> str | None:
        """Media type of the logo, or None if the logo is neither PNG nor SVG."""
        if self._image.startswith(PNG_SIGNATURE):
            return "image/png"
        return "image/svg+xml" if b"<svg" in self._image[:1000] else None

    @property
    def logo_version(self) -> str:
        return sha256(self._image).hexdigest()[:12]


class DeskSection(SettingsSection):
    """The [desk] section of election.toml. Programs send emails to `email`. Pages show `public_email`."""

    phone: ShortText
    hours: ShortText
    hours_english: ShortText | None = None
    email: MailAddress
    public_email: MailAddress | None = None
    text_relay: WebAddress | None = None
    form: WebAddress | None = None


class ElectoralBoardSection(SettingsSection):
    """The [board] section. Without `email`, the board receives no journal checkpoints."""

    email: MailAddress | None = None


class LegalSection(SettingsSection):
    """The [legal] section, with values for the legal pages."""

    publisher: ShortText | None = None
    publisher_address: ShortText | None = None
    director: ShortText | None = None
    hosting: ShortText | None = None
    data_officer: MailAddress | None = None
    legal_text: ShortText | None = None
    accessibility_contact: MailAddress | None = None
    declared_on: date | None = None
    audit_on: date | None = None
    audit_by: ShortText | None = None
    audit_percent: Annotated[WholeNumber, Interval(ge=0, le=100)] | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        needed = ("publisher", "publisher_address", "director", "hosting", "data_officer", "legal_text", "declared_on")
        return tuple(name for name in needed if getattr(self, name) is None)


class AcademySection(SettingsSection):
    """An [[academies]] section: how to reach an académie's webmail and support."""

    name: ShortText
    webmail: WebAddress
    support: ShortText


class WebSection(SettingsSection):
    """The [web] section. `hashes_at_once` limits simultaneous password hashes. Its default is the number of CPU cores."""

    host: Host = "127.0.0.1"
    port: Port = 8000
    workers: Annotated[WholeNumber, Interval(ge=1, le=64)] = 2
    hashes_at_once: Annotated[WholeNumber, Interval(ge=1, le=1024)] | None = None
    allowed_hosts: tuple[Host, ...] = ()
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()


class MetricsSection(SettingsSection):
    """The [metrics] section. A process collects metrics only if its port is set."""

    host: Host = "127.0.0.1"
    serve_port: Port | None = None
    courier_port: Port | None = None

    @property
    def is_enabled(self) -> bool:
        return self.serve_port is not None or self.courier_port is not None


Connections = Annotated[WholeNumber, Interval(ge=1, le=100)]
"""Maximum number of open connections to mail relays or SMS gateways."""


class RelaySection(RelayOrGatewaySection):
    host: Host
    port: Port = 587
    tls: SmtpTlsMode = SmtpTlsMode.STARTTLS
    username: ShortText | None = None

    @model_validator(mode="after")
    def _require_user_with_password(self) -> Self:
        if self.username is not None and not self.has_password:
            raise refusal(NO_PASSWORD_FOR_THE_USER)
        if self.username is None and self.has_password:
            raise refusal(NO_USER_FOR_THE_PASSWORD)
        return self


def _require_relay(relays: tuple[RelaySection, ...]) -> tuple[RelaySection, ...]:
    if not relays:  # with pydantic's minimum, an invalid relay would also be reported as a missing one
        raise refusal(NO_RELAY)
    return relays


class MailSection(SettingsSection):
    """The [mail] section. Bounces go to `bounce_local_part+…@bounce_domain`."""

    sender: SenderValue
    bounce_domain: Annotated[Host, Field(validate_default=True)] = ""
    bounce_local_part: LocalPart = "retour"
    connections: Connections = 20
    relays: Annotated[tuple[RelaySection, ...], AfterValidator(_require_relay)]

    @field_validator("bounce_domain", mode="before")
    @classmethod
    def _default_to_sender_domain(cls, domain: object, info: ValidationInfo) -> object:
        sender: MailSenderNameAndAddress | None = info.data.get("sender")
        if domain or sender is None:
            return domain or "localhost"  # a missing sender is an error of its own
        return sender.address.rpartition("@")[2]


class SmsSection(SettingsSection):
    """The [sms] section. Gateways in `callback_networks` may send reports to the URL `callbacks`."""

    callbacks: Site | None = None
    callback_networks: tuple[IPvAnyNetwork, ...] = LOOPBACK
    inbound_secret_file: Path | None = None
    inbound_secret: SecretStr | None = None
    connections: Connections = 20
    gateways: Annotated[tuple[AnyGatewaySection, ...], AfterValidator(require_different_names)] = ()


class PlatformSection(SettingsSection):
    """The [platform] section. Without `url`, voting identifiers are stored in our database."""

    url: PlatformUrl | None = None
    key_file: Path | None = None
    key: Annotated[SecretStr, Field(min_length=SHORTEST_KEY)] | None = None
    timeout_seconds: TimeoutSeconds = 5

    @model_validator(mode="after")
    def _require_key_with_url(self) -> Self:
        has_key = self.key is not None or self.key_file is not None
        if self.url is not None and not has_key:
            raise refusal(NO_PLATFORM_KEY)
        if self.url is None and has_key:
            raise refusal(NO_PLATFORM_URL)
        return self

    @property
    def shared_key(self) -> bytes | None:
        return None if self.key is None else self.key.get_secret_value().encode()
