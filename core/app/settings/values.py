import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr
from ipaddress import ip_network
from typing import Annotated
from zoneinfo import ZoneInfo

from annotated_types import Interval
from pydantic import (
    AfterValidator,
    BeforeValidator,
    HttpUrl,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    UrlConstraints,
)
from pydantic_core import PydanticKnownError
from pydantic_settings import NoDecode
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from core.app.settings.refusals import refusal
from core.forms import field_parsers
from core.forms.flow_model import FieldRejected
from core.text.text import N_

FIRST_YEAR, LAST_YEAR = 2000, 2100
PARIS = ZoneInfo("Europe/Paris")
"""The time zone of every election."""
WINTER_AND_SUMMER = (datetime(LAST_YEAR, 1, 1), datetime(LAST_YEAR, 7, 1))  # noqa: DTZ001  # time zones are added below
LONGEST_WORDS = 200
LONGEST_HOST = 50
"""Maximum length of the site's host name. An SMS must have room for the host name and a code."""
NAMED_ADDRESS = re.compile(r"(?P<name>[^<>\"]+?)\s*<(?P<address>[^<>\s]+)>")
DATABASE_DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"})
"""Accepted database URL schemes. For `postgresql`, SQLAlchemy uses psycopg."""
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})
HOST_NAME = re.compile(r"\.?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?", re.ASCII)
LOGIN, HOST, PORT = (
    r"(?:[^@/?#]*@)?",
    r"(?:[\w.-]+|\[[\da-f:.]+\])",
    r"(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])",
)
VALKEY = re.compile(
    rf"valkeys?://{LOGIN}{HOST}(?::{PORT})?(?:/\d{{0,5}})?"
    rf"|valkey\+unix://{LOGIN}/[^?#]+"
    rf"|valkey\+sentinel://{LOGIN}{HOST}:{PORT}(?:,{HOST}:{PORT})*/[\w.-]+",
    re.ASCII,
)
SENDER = re.compile(r"[0-9]{3,6}|(?=[0-9]*[A-Za-z])[A-Za-z0-9]{3,11}", re.ASCII)
ADDRESS = TypeAdapter[HttpUrl](Annotated[HttpUrl, UrlConstraints(preserve_empty_path=True)])
WEB_ADDRESS = TypeAdapter[HttpUrl](
    Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"], max_length=LONGEST_WORDS, preserve_empty_path=True)]
)

CONTROL_CHARACTER = N_("Ce texte contient un saut de ligne ou un caractère qui ne se voit pas.")
YEAR = N_("Il faut une année de {first} à {last}.", first=str(FIRST_YEAR), last=str(LAST_YEAR))
ZONE_NOT_OF_PARIS = N_(
    "Les pages et les messages disent l'heure de Paris, et ce fuseau en a une autre : écrivez Europe/Paris, et le décalage "
    "d'une date d'ailleurs, comme 2026-12-03T09:00:00+11:00."
)
NOT_AN_ADDRESS = N_("Il faut une seule adresse de messagerie, comme vote@exemple.fr.")
NOT_A_SENDER = N_(
    "Il faut un nom, puis une adresse entre chevrons, comme Élections professionnelles <vote@exemple.fr>."
)
NOT_A_HOST = N_("Il faut un nom de machine ou une adresse IP, sans https:// ni numéro de port.")
WITH_ACCOUNT = N_("L'adresse d'une page publique ne contient ni nom d'utilisateur ni mot de passe.")
NOT_A_SITE = N_(
    "Il faut https:// puis un nom de site de {maximum} caractères au plus, sans chemin, comme https://vote.exemple.fr.",
    maximum=LONGEST_HOST,
)
NOT_A_GATEWAY = N_(
    "Il faut une machine, un port et un chemin, sans mot de passe, comme http://127.0.0.1:13013/cgi-bin/sendsms."
)
PLATFORM_WITHOUT_TLS = N_("Il faut https:// : http:// n'est permis que sur cette machine.")
NOT_AN_SMS_SENDER = N_(
    "Les opérateurs français acceptent un numéro court, ou un nom de 3 à 11 lettres et chiffres, sans espace ni accent."
)
NOT_A_DATABASE = N_("Il faut sqlite:///retrouve.sqlite3, ou postgresql+psycopg://utilisateur@machine/base.")
NOT_A_VALKEY = N_(
    "Il faut valkey://machine:6379, valkeys://machine:6379 (chiffré), valkey+unix:///chemin, ou valkey+sentinel:// avec les "
    "sentinelles et le nom surveillé, comme valkey+sentinel://192.0.2.21:26379,192.0.2.22:26379/retrouve."
)


@dataclass(frozen=True, slots=True)
class MailSenderNameAndAddress:
    name: str
    address: str

    def __str__(self) -> str:
        return formataddr((self.name, self.address))


def _refuse_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


def _refuse_control_characters(value: str) -> str:
    if any(unicodedata.category(character).startswith("C") for character in value):
        raise refusal(CONTROL_CHARACTER)
    return value


def _refuse_number(value: object) -> object:
    # pydantic would read a number, even in quotes, as seconds since 1970. It would read a date as midnight of that day.
    if isinstance(value, datetime) or (isinstance(value, str) and "-" in value[1:] and ":" in value):
        return value
    raise PydanticKnownError("datetime_type")


def _check_year(value: datetime) -> datetime:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise refusal(YEAR)
    return value


def _check_time_of_paris(zone: ZoneInfo) -> ZoneInfo:
    if any(at.replace(tzinfo=zone).utcoffset() != at.replace(tzinfo=PARIS).utcoffset() for at in WINTER_AND_SUMMER):
        raise refusal(ZONE_NOT_OF_PARIS)
    return zone


def _parse_address(value: str) -> str:
    try:
        return field_parsers.parse_address(value, example="").key
    except FieldRejected:
        raise refusal(NOT_AN_ADDRESS) from None


def _parse_sender(value: object) -> MailSenderNameAndAddress:
    found = NAMED_ADDRESS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refusal(NOT_A_SENDER)
    return MailSenderNameAndAddress(_refuse_control_characters(found["name"]), _parse_address(found["address"]))


def _check_web_address(value: str) -> str:
    url = WEB_ADDRESS.validate_python(value)
    if url.username is not None or url.password is not None:
        raise refusal(WITH_ACCOUNT)
    return str(url)


def _check_site(value: str) -> str:
    url = ADDRESS.validate_python(value)
    site = str(url).rstrip("/")
    if site.count("/") > len("//") or "@" in site or "?" in site or "#" in site or len(url.host or "") > LONGEST_HOST:
        raise refusal(NOT_A_SITE)
    return site


def _check_gateway_url(value: str) -> str:
    url = ADDRESS.validate_python(value)
    if url.path is None or url.username is not None or url.password is not None or url.query or url.fragment:
        raise refusal(NOT_A_GATEWAY)
    return str(url)


def _check_platform_url(value: str) -> str:
    url = ADDRESS.validate_python(value)
    if url.scheme == "http" and url.host not in ON_THIS_MACHINE:
        raise refusal(PLATFORM_WITHOUT_TLS)
    if url.username is not None or url.password is not None or url.query or url.fragment:
        raise PydanticKnownError("url_parsing", {"error": "user, query or fragment not allowed"})
    return str(url).rstrip("/")


def _check_database_url(value: str) -> str:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise refusal(NOT_A_DATABASE) from None
    in_memory = url.get_backend_name() == "sqlite" and (url.database or ":memory:") == ":memory:"
    if url.drivername not in DATABASE_DRIVERS or in_memory:
        raise refusal(NOT_A_DATABASE)
    return value


def _check_host(value: str) -> str:
    if not HOST_NAME.fullmatch(value):
        raise refusal(NOT_A_HOST)
    return value


def _check_sender(value: str) -> str:
    if not SENDER.fullmatch(value):
        raise refusal(NOT_AN_SMS_SENDER)
    return value


def _check_valkey_url(value: str) -> str:
    if not VALKEY.fullmatch(value):
        raise refusal(NOT_A_VALKEY)
    return value


WholeNumber = Annotated[int, BeforeValidator(_refuse_boolean)]
Port = Annotated[WholeNumber, Interval(ge=1, le=65535)]
ShortText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORDS),
    AfterValidator(_refuse_control_characters),
]
DateTimeValue = Annotated[datetime, BeforeValidator(_refuse_number), AfterValidator(_check_year)]
TimeZone = Annotated[ZoneInfo, AfterValidator(_check_time_of_paris)]
MailAddress = Annotated[str, AfterValidator(_parse_address)]
SenderValue = Annotated[MailSenderNameAndAddress, NoDecode, PlainValidator(_parse_sender)]
# `NoDecode` is needed because the environment variable contains plain text instead of JSON.
Host = Annotated[str, StringConstraints(to_lower=True), AfterValidator(_check_host)]
LocalPart = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,30}$")]
"""Beginning of a bounce address. Must be short, because a case number and a tag follow."""
SmsSender = Annotated[str, AfterValidator(_check_sender)]
"""An SMS sender that French operators accept: a short number or a name."""
WebAddress = Annotated[str, AfterValidator(_check_web_address)]
Site = Annotated[str, AfterValidator(_check_site)]
PlatformUrl = Annotated[str, AfterValidator(_check_platform_url)]
GatewayUrl = Annotated[str, AfterValidator(_check_gateway_url)]
DatabaseUrl = Annotated[str, AfterValidator(_check_database_url)]
ThrottleUrl = Annotated[str, AfterValidator(_check_valkey_url)]
