"""The settings of an election: election.toml and, over it, the variables RETROUVE_*, as typed values.

A wrong one is refused at the start, with its line, the reason and what is allowed. Tables are joined by two
underscores in a variable's name (RETROUVE_MAIL__SENDER) and lists are written in JSON.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from annotated_types import Interval
from pydantic import Field, SecretStr, ValidationError
from pydantic_core import InitErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url

from core.policy import Calendar, Election, Policy
from core.settings import words
from core.settings.faults import NESTED, Fault, SettingsRefused, Sources, fault_of
from core.settings.lines import Place
from core.settings.reading import FILE, laid_over, read_file, read_variables
from core.settings.sections import (
    DeskSection,
    ElectionSection,
    MailSection,
    MetricsSection,
    PolicySection,
    RelaySection,
    Tls,
    WebSection,
)
from core.settings.values import DatabaseUrl, Sender, ThrottleUrl, Whole, wrong
from core.text import Phrase

__all__ = [
    "FILE",
    "Fault",
    "LogLevel",
    "MetricsSection",
    "RelaySection",
    "Sender",
    "Settings",
    "SettingsRefused",
    "Tls",
    "load",
]

THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
FIFTY_YEARS = 50 * 366 * 24 * 3600


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """Every setting. Built by `load` only: a path is whole and a password read, whatever the file said."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, env_nested_delimiter=NESTED
    )

    database_url: DatabaseUrl = Field(default="sqlite:///retrouve.sqlite3", repr=False)
    log_level: LogLevel = LogLevel.INFO
    throttle_networks: bool = True
    throttle_url: ThrottleUrl | None = Field(default=None, repr=False)
    clock_offset_seconds: Annotated[Whole, Interval(ge=-FIFTY_YEARS, le=FIFTY_YEARS)] = 0
    guides_folder: Path = Path("guides")
    demo: bool = False
    demo_mailbox: Path | None = None
    election: ElectionSection
    desk: DeskSection
    rules: PolicySection = Field(default=Policy(), alias="policy")
    web: WebSection = WebSection()
    metrics: MetricsSection = MetricsSection()
    mail: MailSection

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is pydantic's, whatever one takes of it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: nothing reads the process's environment behind its back."""
        return (init_settings,)

    def policy(self) -> Policy:
        """The numbers of the rules."""
        return self.rules

    def calendar(self) -> Calendar:
        """The dates of the election."""
        return Calendar(
            recovery_opens=self.election.recovery_opens,
            vote_opens=self.election.vote_opens,
            vote_closes=self.election.vote_closes,
            last_minutes=timedelta(minutes=self.rules.last_minutes),
            zone=self.election.zone,
        )

    def election_words(self) -> Election:
        """What pages and messages say of the election."""
        return Election(
            name=self.election.name,
            site=self.election.site,
            desk_phone=self.desk.phone,
            desk_hours=Phrase(self.desk.hours, self.desk.hours_english or self.desk.hours),
        )

    @property
    def site_host(self) -> str:
        """The name in the site's address, as a browser sends it."""
        host = urlsplit(self.election.site).hostname or ""
        return f"[{host}]" if ":" in host else host

    def clock_offset(self) -> timedelta:
        """How far ahead of the machine's clock this election lives; only a demo is elsewhere than now."""
        return timedelta(seconds=self.clock_offset_seconds)

    def in_folder(self, folder: Path) -> Self:
        """The same with paths taken from `folder`, passwords read, hosts known. Raises pydantic's ValidationError."""
        relays = tuple(_with_password(index, relay, folder) for index, relay in enumerate(self.mail.relays))
        hosts = self.web.allowed_hosts or tuple(dict.fromkeys((self.site_host, *THIS_MACHINE)))
        return self.model_copy(
            update={
                "database_url": _database_in(folder, self.database_url),
                "guides_folder": folder / self.guides_folder,
                "demo_mailbox": None if self.demo_mailbox is None else folder / self.demo_mailbox,
                "web": self.web.model_copy(update={"allowed_hosts": hosts}),
                "mail": self.mail.model_copy(update={"relays": relays}),
            }
        )


def load(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the election kept in `folder`. Raises SettingsRefused."""
    file, lines = read_file(folder)
    given, variables = read_variables(Settings, os.environ if environ is None else environ)
    written: dict[str, Any] = laid_over(file, given)
    try:
        return Settings(**written).in_folder(folder.resolve())
    except ValidationError as refused:
        sources = Sources(lines, variables)
        raise SettingsRefused([fault_of(error, sources) for error in refused.errors()]) from None


def _database_in(folder: Path, database_url: str) -> str:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return database_url
    return url.set(database=str(folder / url.database)).render_as_string(hide_password=False)


def _with_password(index: int, relay: RelaySection, folder: Path) -> RelaySection:
    if relay.password is not None or relay.password_file is None:
        return relay
    password = _first_line(folder / relay.password_file)
    if not password:
        _refuse(("mail", "relays", index, "password_file"), relay.password_file)
    return relay.model_copy(update={"password": SecretStr(password)})


def _first_line(path: Path) -> str:
    """The only line of a file; nothing when it cannot be read or is not so."""
    try:
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    except (OSError, UnicodeDecodeError):
        return ""
    return lines[0] if len(lines) == 1 else ""


def _refuse(place: Place, value: Path) -> None:
    error = wrong(words.PASSWORD_FILE_UNREADABLE, words.PASSWORD_ON_ONE_LINE)
    raise ValidationError.from_exception_data(
        "password_file", [InitErrorDetails(type=error, loc=place, input=str(value))]
    )
