"""An election's settings. Environment variables such as RETROUVE_MAIL__SENDER override election.toml.

In these variables, lists are written in JSON.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import urlsplit

from annotated_types import Interval
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError
from sqlalchemy.engine import URL, make_url

from core.adapters.smtp_mail_transport import SmtpTlsMode
from core.app import SETTINGS_FILE
from core.app.settings.election_toml_template import Place, lines_by_place, nearest_line, setting_name
from core.app.settings.policy_section import PolicySection
from core.app.settings.refusals import (
    HIDDEN,
    NESTED,
    PASSWORD_IN_URL,
    PREFIX,
    SAMPLE,
    SECRETS,
    UNKNOWN,
    SettingFault,
    SettingsRefused,
    fault_of,
    refuse,
    unknown_variables,
    variable_of,
)
from core.app.settings.section_base import SettingsSection
from core.app.settings.sections import (
    SHORTEST_KEY,
    AcademySection,
    DeskSection,
    ElectionSection,
    ElectoralBoardSection,
    InstitutionSection,
    LegalSection,
    MailSection,
    MetricsSection,
    PlatformSection,
    RelaySection,
    SmsSection,
    WebSection,
)
from core.app.settings.sms_gateways import DeclaredGatewaySection, GatewaySection, KannelSection
from core.app.settings.values import (
    DatabaseUrl,
    MailSenderNameAndAddress,
    ShortText,
    ThrottleUrl,
    WholeNumber,
)
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.text.contact import ElectionContact
from core.text.text import N_, BilingualText

__all__ = [
    "DeclaredGatewaySection",
    "GatewaySection",
    "KannelSection",
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
SECRET_PLACEHOLDER = "{secret}"
"""Placeholder for the secret in a declared HTTP request."""
FIFTY_YEARS = 50 * 366 * 24 * 3600

NO_FILE = N_("Ce fichier n'existe pas ou ne peut pas être lu.")
RUN_INIT = N_("le fichier que « retrouve init » écrit dans le dossier de l'élection, que donne --dir ou RETROUVE_DIR")
TOML = N_('un fichier UTF-8 avec des lignes comme clé = "texte", clé = 3 ou [section]')
NOT_JSON = N_("Cette variable doit être écrite en JSON.")
JSON = N_('une liste comme ["a", "b"], ou des réglages comme {example}', example='{"port": 8000}')
SECRET_IN_THE_FILE = N_("Un secret ne s'écrit pas dans election.toml, que l'on copie et que l'on montre.")
SECRET_ELSEWHERE = N_(
    "le fichier que nomme password_file, secret_file, key_file ou inbound_secret_file, ou la variable d'environnement {variable}"
)
UNREADABLE_SECRET = N_(
    "Ce fichier doit être lisible par ce programme et contenir le mot de passe sur une ligne, en UTF-8."
)
SHORT_KEY = N_(
    "Cette clé partagée est trop courte : il en faut une de {minimum} caractères au moins.", minimum=SHORTEST_KEY
)


NO_CALLS = N_("Aucune passerelle SMS ne sait appeler : il faut une section [sms.gateways.call], ou la valeur 0.")
CALL_TOO_LATE = N_("Un appel doit être possible avant l'expiration du code, que fixe code_valid_minutes.")


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """All settings of an election."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: DatabaseUrl = Field(default="sqlite:///retrouve.sqlite3", repr=False)
    key_command: tuple[ShortText, ...] = ()
    log_level: LogLevel = LogLevel.INFO
    throttle_networks: bool = True
    throttle_url: ThrottleUrl | None = Field(default=None, repr=False)
    throttle_answer_milliseconds: Annotated[WholeNumber, Interval(ge=10, le=60_000)] = 200
    clock_offset_seconds: Annotated[WholeNumber, Interval(ge=-FIFTY_YEARS, le=FIFTY_YEARS)] = 0
    guides_folder: Path = Path("guides")
    demo: bool = False
    election: ElectionSection
    institution: InstitutionSection = InstitutionSection()
    desk: DeskSection
    board: ElectoralBoardSection = ElectoralBoardSection()
    legal: LegalSection = LegalSection()
    academies: tuple[AcademySection, ...] = ()
    policy: PolicySection = Policy()
    web: WebSection = WebSection()
    metrics: MetricsSection = MetricsSection()
    mail: MailSection
    sms: SmsSection = SmsSection()
    platform: PlatformSection = PlatformSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    def applied_policy(self) -> Policy:
        """Return the election's policy. If `throttle_networks` is False, the policy has no limits per network."""
        if self.throttle_networks:
            return self.policy
        return replace(
            self.policy,
            asks_per_network=self.policy.asks_per_address,
            desk_requests_per_network=0,
            sign_in_addresses_per_network=0,
        )

    def calendar(self) -> Calendar:
        return Calendar(
            recovery_opens=self.election.recovery_opens,
            vote_opens=self.election.vote_opens,
            vote_closes=self.election.vote_closes,
            last_minutes=timedelta(minutes=self.policy.last_minutes),
            zone=self.election.zone,
        )

    def election_words(self) -> ElectionContact:
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
            mail_sender=self.mail.sender.name,
            desk_hours=BilingualText(self.desk.hours, self.desk.hours_english),
        )

    @property
    def site_host(self) -> str:
        host = urlsplit(self.election.site).hostname or ""
        return f"[{host}]" if ":" in host else host

    def clock_offset(self) -> timedelta:
        """How far the election's clock is ahead of the machine's clock. Zero except in a demo."""
        return timedelta(seconds=self.clock_offset_seconds)

    def database_without_secrets(self) -> str:
        url = make_url(self.database_url)
        hosts = url.query.get("host", url.host)
        host = hosts if isinstance(hosts, str) or hosts is None else ",".join(hosts)
        return URL.create(url.drivername, url.username, None, host, url.port, url.database).render_as_string()

    def with_paths_and_secrets(self, folder: Path, *, sends: bool = True) -> Self:
        """Return a copy of the settings. Makes paths absolute and reads password files. Raises ValidationError."""
        if self.policy.code_call_after_seconds and not any(
            isinstance(each, DeclaredGatewaySection) and each.call for each in self.sms.gateways
        ):
            refuse(("policy", "code_call_after_seconds"), self.policy.code_call_after_seconds, NO_CALLS)
        if self.policy.code_call_after_seconds >= self.policy.code_valid_minutes * 60:
            refuse(("policy", "code_call_after_seconds"), self.policy.code_call_after_seconds, CALL_TOO_LATE)
        mail = self.mail
        if sends:
            mail = mail.model_copy(update={"relays": _with_passwords(mail.relays, ("mail", "relays"), folder)})
        hosts = self.web.allowed_hosts or tuple(dict.fromkeys((self.site_host, *THIS_MACHINE)))
        return self.model_copy(
            update={
                "database_url": _database_in(folder, self.database_url),
                "guides_folder": folder / self.guides_folder,
                "institution": self.institution.with_logo_from(folder),
                "web": self.web.model_copy(update={"allowed_hosts": hosts}),
                "mail": mail,
                "sms": self._sms_in(folder, sends=sends),
                "platform": self._platform_in(folder) if sends else self.platform,
            }
        )

    def _platform_in(self, folder: Path) -> PlatformSection:
        platform = _with_secret_of_file(self.platform, ("platform",), "key", folder)
        if platform.key is not None and len(platform.key.get_secret_value()) < SHORTEST_KEY:
            refuse(("platform", "key_file"), platform.key_file, SHORT_KEY)
        return platform

    def _sms_in(self, folder: Path, *, sends: bool) -> SmsSection:
        sms = _with_secret_of_file(self.sms, ("sms",), "inbound_secret", folder)
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "[::]": "[::1]"}.get(self.web.host, self.web.host)  # noqa: S104  # the address to listen on
        update: dict[str, Any] = {"callbacks": sms.callbacks or f"http://{host}:{self.web.port}"}
        update["gateways"] = tuple(
            self._gateway_in(each, ("sms", "gateways", index), folder, sends=sends)
            for index, each in enumerate(sms.gateways)
        )
        return sms.model_copy(update=update)

    def _gateway_in(self, gateway: GatewaySection, place: Place, folder: Path, *, sends: bool) -> GatewaySection:
        if isinstance(gateway, KannelSection):
            return _with_secret_of_file(gateway, place, "password", folder) if sends else gateway
        read = _with_secret_of_file(gateway, place, "secret", folder) if sends else gateway
        report = gateway.report_with_secret
        if report is not None:
            report = _with_secret_of_file(report, (*place, "report"), "secret", folder)
        return read.model_copy(update={"callbacks": gateway.callbacks or self.election.site, "report": report})


def load(folder: Path, *, sends: bool = True, as_written: bool = False) -> Settings:
    """Load an election's settings. If `sends` is True, include the passwords for sending messages.

    If `as_written` is True, do not read the files that the settings name. Raises SettingsRefused.
    """
    tree, lines = _read_file(folder)
    faults = [
        SettingFault(
            nearest_line(lines, place),
            setting_name(place),
            HIDDEN,
            SECRET_IN_THE_FILE,
            SECRET_ELSEWHERE.fill({"variable": _variable_of_secret(place)}),
        )
        for place in _secrets_in(tree)
    ]
    faults.extend(unknown_variables())
    # BaseSettings would read these names as its own parameters.
    faults.extend(SettingFault(lines.get((name,)), name, "", UNKNOWN, SAMPLE) for name in tree if name.startswith("_"))
    if faults:
        raise SettingsRefused(faults)
    try:
        settings = Settings(**tree)
        return settings if as_written else settings.with_paths_and_secrets(folder.resolve(), sends=sends)
    except ValidationError as refused:
        raise SettingsRefused([fault_of(error, lines) for error in refused.errors()]) from None
    except (SettingsError, RecursionError) as refused:  # a variable does not contain valid JSON
        raise SettingsRefused([SettingFault(None, _variables_named_in(str(refused)), "", NOT_JSON, JSON)]) from None


def _variables_named_in(message: str) -> str:
    named = re.search(r'"(\w+)"', message)
    start = variable_of((named[1],)) if named else PREFIX
    return ", ".join(sorted(name for name in os.environ if name.startswith(start)))


def _read_file(folder: Path) -> tuple[dict[str, Any], Mapping[Place, int]]:
    path = folder / SETTINGS_FILE
    try:
        # Some editors write an invisible byte-order mark at the beginning of a file.
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text), lines_by_place(text)
    except OSError:
        raise SettingsRefused([SettingFault(None, str(path), "", NO_FILE, RUN_INIT)]) from None
    except (ValueError, RecursionError) as error:
        raise SettingsRefused([SettingFault(None, SETTINGS_FILE, "", f"{error}.", TOML)]) from None


def _secrets_in(written: object, place: Place = ()) -> Iterator[Place]:
    match written:
        case dict() | list():
            for part, value in written.items() if isinstance(written, dict) else enumerate(written):
                is_filled_later = isinstance(value, str) and SECRET_PLACEHOLDER in value
                if part in SECRETS and not part.endswith("_url") and not is_filled_later:
                    yield (*place, part)
                else:
                    yield from _secrets_in(value, (*place, part))
        case str() if PASSWORD_IN_URL.search(written):
            yield place


def _variable_of_secret(place: Place) -> str:
    names = [part for part in place if isinstance(part, str)]
    return variable_of(tuple(names if len(names) == len(place) else names[:-1]))


def _database_in(folder: Path, database_url: str) -> str:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return database_url
    return url.set(database=str(folder / url.database)).render_as_string(hide_password=False)


def _with_passwords(servers: tuple[S, ...], place: Place, folder: Path) -> tuple[S, ...]:
    return tuple(_with_secret_of_file(each, (*place, index), "password", folder) for index, each in enumerate(servers))


def _with_secret_of_file(section: S, place: Place, name: str, folder: Path) -> S:
    file: Path | None = getattr(section, f"{name}_file")
    if getattr(section, name) is not None or file is None:
        return section
    path = folder / file
    try:
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    except (OSError, UnicodeDecodeError):
        lines = []
    if len(lines) != 1 or not lines[0]:
        refuse((*place, f"{name}_file"), str(file), UNREADABLE_SECRET)
    return section.model_copy(update={name: SecretStr(lines[0])})
