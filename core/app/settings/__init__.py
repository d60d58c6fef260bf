"""The settings of an election: election.toml and, over it, the variables RETROUVE_*, as typed values.

A wrong one is refused at the start, with its line, the reason and what is allowed. Tables are joined by two
underscores in a variable's name (RETROUVE_MAIL__SENDER) and lists are written in JSON.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

from annotated_types import Interval
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import InitErrorDetails
from sqlalchemy.engine import URL, make_url

from core.adapters.smtp_mail_transport import SmtpTlsMode
from core.app.settings import refused_setting_sentences as words
from core.app.settings.election_toml_template import Place
from core.app.settings.policy_section import PolicySection
from core.app.settings.sections import (
    SHORTEST_KEY,
    AcademySection,
    DeskSection,
    ElectionSection,
    ElectoralBoardSection,
    GatewaySection,
    LegalSection,
    MailSection,
    MetricsSection,
    PlatformSection,
    RelaySection,
    SettingsSection,
    SmsSection,
    WebSection,
)
from core.app.settings.setting_faults import SettingFault, SettingSources, SettingsRefused, setting_fault_of
from core.app.settings.sources import merge_settings, read_file, read_variables
from core.app.settings.value_types import (
    DatabaseUrl,
    MailSenderNameAndAddress,
    ShortText,
    ThrottleUrl,
    WholeNumber,
    setting_refusal,
)
from core.policy.election_calendar import Calendar
from core.policy.election_contact import ElectionContact
from core.policy.policy import Policy
from core.text.text import BilingualText, Language, Text
from core.text.translation import translate

__all__ = [
    "GatewaySection",
    "LogLevel",
    "MailSenderNameAndAddress",
    "MetricsSection",
    "RelaySection",
    "SettingFault",
    "Settings",
    "SettingsRefused",
    "SmtpTlsMode",
    "load",
]

S = TypeVar("S", bound=SettingsSection)
THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
FIFTY_YEARS = 50 * 366 * 24 * 3600


class LogLevel(StrEnum):
    """The levels of the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseModel):
    """Every setting of an election. `load` alone builds it, so that paths are absolute and passwords are read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    database_url: DatabaseUrl = Field(default="sqlite:///retrouve.sqlite3", repr=False)
    key_command: tuple[ShortText, ...] = ()
    log_level: LogLevel = LogLevel.INFO
    throttle_networks: bool = True
    throttle_url: ThrottleUrl | None = Field(default=None, repr=False)
    throttle_answer_milliseconds: Annotated[WholeNumber, Interval(ge=10, le=60_000)] = 200
    clock_offset_seconds: Annotated[WholeNumber, Interval(ge=-FIFTY_YEARS, le=FIFTY_YEARS)] = 0
    guides_folder: Path = Path("guides")
    demo: bool = False
    demo_mailbox: Path | None = None
    demo_telephones: Path | None = None
    election: ElectionSection
    desk: DeskSection
    board: ElectoralBoardSection = ElectoralBoardSection()
    legal: LegalSection = LegalSection()
    academies: tuple[AcademySection, ...] = ()
    rules: PolicySection = Field(default=Policy(), alias="policy")
    web: WebSection = WebSection()
    metrics: MetricsSection = MetricsSection()
    mail: MailSection
    sms: SmsSection = SmsSection()
    platform: PlatformSection = PlatformSection()

    def policy(self) -> Policy:
        """Return the numbers of the rules; without limits by network, one network may ask and sign in for everybody."""
        if self.throttle_networks:
            return self.rules
        return replace(
            self.rules,
            asks_per_network=self.rules.asks_per_address,
            desk_requests_per_network=0,
            sign_in_addresses_per_network=0,
        )

    def calendar(self) -> Calendar:
        """Return the dates of the election."""
        return Calendar(
            recovery_opens=self.election.recovery_opens,
            vote_opens=self.election.vote_opens,
            vote_closes=self.election.vote_closes,
            last_minutes=timedelta(minutes=self.rules.last_minutes),
            zone=self.election.zone,
        )

    def election_words(self) -> ElectionContact:
        """Return what pages and messages say of the election."""
        in_french = translate(words.IN_FRENCH.fill({"hours": self.desk.hours}), Language.ENGLISH)
        return ElectionContact(
            name=self.election.name,
            site=self.election.site,
            desk_phone=self.desk.phone,
            desk_mail=self.desk.public_email,
            desk_text_relay=self.desk.text_relay,
            desk_form=self.desk.form,
            lists_mailboxes=bool(self.academies),
            vote_opens=self.election.vote_opens,
            vote_closes=self.election.vote_closes,
            vote_site=self.election.vote_site,
            desk_hours=BilingualText(self.desk.hours, self.desk.hours_english or in_french),
        )

    @property
    def site_host(self) -> str:
        """The host name of the site's address, as a browser sends it."""
        host = urlsplit(self.election.site).hostname or ""
        return f"[{host}]" if ":" in host else host

    def clock_offset(self) -> timedelta:
        """Return how far ahead of the machine's clock this election's clock is; zero outside a demo."""
        return timedelta(seconds=self.clock_offset_seconds)

    def database_without_secrets(self) -> str:
        """Return the database's address for the log: without its password, which parameters may hold too."""
        url = make_url(self.database_url)
        hosts = url.query.get("host", url.host)
        host = hosts if isinstance(hosts, str) or hosts is None else ",".join(hosts)
        return URL.create(url.drivername, url.username, None, host, url.port, url.database).render_as_string()

    def with_paths_and_secrets(self, folder: Path, *, sends: bool = True) -> Self:
        """Return these settings with paths below `folder`, passwords read and hosts known. Raises pydantic's ValidationError.

        Without `sends` the passwords of relays and gateways and the platform's key stay unread.
        """
        mail = self.mail
        if sends:
            relays = enumerate(mail.relays)
            read = [_with_secret_of_file(each, ("mail", "relays", at), "password", folder) for at, each in relays]
            mail = mail.model_copy(update={"relays": tuple(read)})
        hosts = self.web.allowed_hosts or tuple(dict.fromkeys((self.site_host, *THIS_MACHINE)))
        return self.model_copy(
            update={
                "database_url": _database_in(folder, self.database_url),
                "guides_folder": folder / self.guides_folder,
                "demo_mailbox": None if self.demo_mailbox is None else folder / self.demo_mailbox,
                "demo_telephones": None if self.demo_telephones is None else folder / self.demo_telephones,
                "web": self.web.model_copy(update={"allowed_hosts": hosts}),
                "mail": mail,
                "sms": self._sms_in(folder, sends=sends),
                "platform": self._platform_in(folder) if sends else self.platform,
            }
        )

    def _platform_in(self, folder: Path) -> PlatformSection:
        platform = _with_secret_of_file(self.platform, ("platform",), "key", folder)
        file, key = platform.key_file, platform.key
        if file is not None and key is not None and len(key.get_secret_value()) < SHORTEST_KEY:
            allowed = words.PLATFORM_KEY.fill({"minimum": SHORTEST_KEY})
            _refuse_secret_file(("platform", "key_file"), file, words.SHORT_PLATFORM_KEY, allowed)
        return platform

    def _sms_in(self, folder: Path, *, sends: bool) -> SmsSection:
        sms = _with_secret_of_file(self.sms, ("sms",), "inbound_secret", folder)
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "[::]": "[::1]"}.get(self.web.host, self.web.host)  # noqa: S104  # where it listens
        update: dict[str, Any] = {"callbacks": sms.callbacks or f"http://{host}:{self.web.port}"}
        if sends:
            gateways = enumerate(sms.gateways)
            read = [_with_secret_of_file(each, ("sms", "gateways", at), "password", folder) for at, each in gateways]
            update["gateways"] = tuple(read)
        return sms.model_copy(update=update)


def load(
    folder: Path, environ: Mapping[str, str] | None = None, *, sends: bool = True, as_written: bool = False
) -> Settings:
    """Return the settings of the election kept in `folder`, for a program that `sends` or not. Raises SettingsRefused.

    `as_written` reads none of the files that they name.
    """
    file, lines = read_file(folder)
    given, variables = read_variables(Settings, os.environ if environ is None else environ)
    written: dict[str, Any] = merge_settings(file, given)
    try:
        settings = Settings(**written)
        return settings if as_written else settings.with_paths_and_secrets(folder.resolve(), sends=sends)
    except ValidationError as refused:
        sources = SettingSources(lines, variables)
        raise SettingsRefused([setting_fault_of(error, sources) for error in refused.errors()]) from None


def _database_in(folder: Path, database_url: str) -> str:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return database_url
    return url.set(database=str(folder / url.database)).render_as_string(hide_password=False)


def _with_secret_of_file(section: S, place: Place, name: str, folder: Path) -> S:
    """Return the section with the secret `name`, read from its file unless it is given. Raises pydantic's ValidationError."""
    file: Path | None = getattr(section, f"{name}_file")
    if getattr(section, name) is not None or file is None:
        return section
    path = folder / file
    try:
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    except (OSError, UnicodeDecodeError):
        lines = []
    if len(lines) != 1 or not lines[0]:
        _refuse_secret_file((*place, f"{name}_file"), file, words.PASSWORD_FILE_UNREADABLE, words.PASSWORD_ON_ONE_LINE)
    return section.model_copy(update={name: SecretStr(lines[0])})


def _refuse_secret_file(place: Place, file: Path, reason: Text, allowed: Text) -> NoReturn:
    """Raise pydantic's ValidationError for the file that the setting at that place names."""
    details = InitErrorDetails(type=setting_refusal(reason, allowed), loc=place, input=str(file))
    raise ValidationError.from_exception_data("password_file", [details])
