"""The types of values that settings have. Each value is parsed here once, into a type that cannot be wrong."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, NoReturn
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, PlainValidator, StringConstraints, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import NoDecode
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from core.app.settings import refused_setting_sentences as words
from core.forms import field_parsers
from core.forms.flow_model import FieldRejected
from core.text.text import Text

FIRST_YEAR, LAST_YEAR = 2000, 2100
PARIS = ZoneInfo("Europe/Paris")
"""Pages and messages say "heure de Paris" beside their hours."""
WINTER_AND_SUMMER = (datetime(LAST_YEAR, 1, 1), datetime(LAST_YEAR, 7, 1))  # noqa: DTZ001  # each zone's own
LONGEST_WORDS = 200
LONGEST_LOCAL_PART = 30
"""RFC 5321 allows 64 octets; a bounce address also carries a case and its tag."""
HOST_NAME = re.compile(r"\.?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?", re.ASCII)
LOCAL_PART = re.compile(rf"[a-z0-9-]{{1,{LONGEST_LOCAL_PART}}}", re.ASCII)
SMS_SENDER = re.compile(r"\+?[0-9]{3,15}|[A-Za-z0-9 ]{3,11}", re.ASCII)
"""A number, or the name that an operator shows instead (3GPP TS 23.040 §9.1.2.5)."""
NAMED_ADDRESS = re.compile(r"(?P<name>[^<>\"]+?)\s*<(?P<address>[^<>\s]+)>")


@dataclass(frozen=True, slots=True)
class MailSenderNameAndAddress:
    """The sender of mails: a name, and the address that replies go to."""

    name: str
    address: str

    def __str__(self) -> str:
        return formataddr((self.name, self.address))


def setting_refusal(reason: Text, allowed: Text) -> PydanticCustomError:
    """Return the refusal of a value, in the operator's words."""
    return PydanticCustomError("worded", "worded", {"reason": reason, "allowed": allowed})


def refuse_setting(name: str, value: object, reason: Text, allowed: Text, *, instead: str | None = None) -> NoReturn:
    """Raise the refusal of a setting of this section; `instead` is blamed when only that setting is written."""
    error = PydanticCustomError("worded", "worded", {"reason": reason, "allowed": allowed, "instead": instead})
    details = InitErrorDetails(type=error, loc=(name,), input=value)
    raise ValidationError.from_exception_data(name, [details])


def _whole(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "a boolean is no number")
    return value


def _printable(value: str) -> str:
    if any(unicodedata.category(character).startswith("C") for character in value):
        raise setting_refusal(words.CONTROL_CHARACTER, words.AT_MOST_CHARACTERS.fill({"maximum": LONGEST_WORDS}))
    return value


def _not_a_number(value: object) -> object:
    # A number would be read as seconds since 1970, even between quotes, and a day without an hour as its first minute.
    if isinstance(value, datetime) or (isinstance(value, str) and "-" in value[1:] and ":" in value):
        return value
    raise PydanticCustomError("datetime_type", "not a moment")


def _plausible(value: datetime) -> datetime:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise setting_refusal(
            words.YEAR_IMPLAUSIBLE, words.YEARS.fill({"first": str(FIRST_YEAR), "last": str(LAST_YEAR)})
        )
    return value


def _zone(value: object) -> ZoneInfo:
    try:
        zone = ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise setting_refusal(words.ZONE_UNKNOWN, words.ZONE) from None
    if any(at.replace(tzinfo=zone).utcoffset() != at.replace(tzinfo=PARIS).utcoffset() for at in WINTER_AND_SUMMER):
        raise setting_refusal(words.ZONE_NOT_OF_PARIS, words.ZONE_OF_PARIS)
    return zone


def _address(value: str) -> str:
    try:
        return field_parsers.parse_address(value, example="").key
    except FieldRejected:
        raise setting_refusal(words.NOT_AN_ADDRESS, words.ADDRESS) from None


def _sender(value: object) -> MailSenderNameAndAddress:
    found = NAMED_ADDRESS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise setting_refusal(words.NOT_A_SENDER, words.SENDER)
    return MailSenderNameAndAddress(_printable(found["name"]), _address(found["address"]))


def _matching(pattern: re.Pattern[str], reason: Text, allowed: Text) -> AfterValidator:
    """Make a validator of texts that a pattern describes."""

    def validate(value: str) -> str:
        if not pattern.fullmatch(value):
            raise setting_refusal(reason, allowed)
        return value

    return AfterValidator(validate)


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value if isinstance(value, str) else "")
    except ValueError:
        raise setting_refusal(words.NOT_A_NETWORK, words.NETWORK) from None


WholeNumber = Annotated[int, BeforeValidator(_whole)]
ShortText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORDS),
    AfterValidator(_printable),
]
DateTimeValue = Annotated[datetime, BeforeValidator(_not_a_number), AfterValidator(_plausible)]
TimeZone = Annotated[ZoneInfo, PlainValidator(_zone)]
MailAddress = Annotated[str, AfterValidator(_address)]
SenderValue = Annotated[MailSenderNameAndAddress, NoDecode, PlainValidator(_sender)]
"""NoDecode: in a variable too it is plain words, not JSON."""
Host = Annotated[str, StringConstraints(to_lower=True), _matching(HOST_NAME, words.NOT_A_HOST, words.HOST)]
_LOCAL_PART_ALLOWED = words.LOCAL_PART.fill({"maximum": LONGEST_LOCAL_PART})
LocalPart = Annotated[str, _matching(LOCAL_PART, words.NOT_A_LOCAL_PART, _LOCAL_PART_ALLOWED)]
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]
SmsSender = Annotated[str, _matching(SMS_SENDER, words.NOT_AN_SMS_SENDER, words.SMS_SENDER)]
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


LONGEST_HOST = 50
"""The site's name is the last line of the SMS of a code, which must fit in one message."""
WEB_ADDRESS = re.compile(r"[!#-;=?-~]+", re.ASCII)
"""Without spaces and the signs that end an address in a text."""
VALKEY_DATABASE = re.compile(r"/?|/[0-9]{1,5}", re.ASCII)
VALKEY_SERVICE = re.compile(r"/[A-Za-z0-9._-]+", re.ASCII)
"""The name of a primary and its replicas, as in `sentinel monitor`."""
DATABASE_DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"})
"""The beginnings of a database's address. SQLAlchemy takes psycopg for a bare `postgresql`."""
ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def _split(value: str, reason: Text, allowed: Text) -> tuple[SplitResult, str]:
    """Return the parts of a URL, and the URL again as far as its port, or raise the refusal."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", "" if parts.port is None else f":{parts.port}"
    except ValueError:
        raise setting_refusal(reason, allowed) from None
    return parts, f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _site(value: str) -> str:
    if not value.isascii():
        raise setting_refusal(words.SITE_NOT_ASCII, words.PUNYCODE)
    parts, rebuilt = _split(value, words.NOT_A_SITE, words.SITE)
    host = parts.hostname or ""
    if len(host) > LONGEST_HOST:
        raise setting_refusal(words.SITE_TOO_LONG, words.AT_MOST_CHARACTERS.fill({"maximum": LONGEST_HOST}))
    if parts.scheme not in {"http", "https"} or not HOST_NAME.fullmatch(host) or rebuilt != value.lower():
        raise setting_refusal(words.NOT_A_SITE, words.SITE)
    return rebuilt


def _web_address(value: str) -> str:
    parts, _ = _split(value, words.NOT_A_WEB_ADDRESS, words.WEB_ADDRESS)
    named = HOST_NAME.fullmatch(parts.hostname or "") and "@" not in parts.netloc
    if parts.scheme != "https" or not named or not value.isascii() or not WEB_ADDRESS.fullmatch(value):
        raise setting_refusal(words.NOT_A_WEB_ADDRESS, words.WEB_ADDRESS)
    return value


def _database(value: str) -> str:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise setting_refusal(words.NOT_A_DATABASE, words.DATABASE) from None
    if url.drivername not in DATABASE_DRIVERS:
        raise setting_refusal(words.NOT_A_DATABASE, words.DATABASE)
    if url.get_backend_name() == "sqlite" and (url.database or ":memory:") == ":memory:":
        raise setting_refusal(words.DATABASE_IN_MEMORY, words.DATABASE)
    return value


def _throttle(value: str) -> str:
    if value.startswith("valkey+sentinel:"):
        return _valkey_sentinels(value)
    parts, _ = _split(value, words.NOT_A_VALKEY, words.VALKEY)
    by_network = parts.scheme in {"valkey", "valkeys"} and HOST_NAME.fullmatch(parts.hostname or "")
    by_socket = parts.scheme == "valkey+unix" and parts.path.strip("/") and not parts.hostname and parts.port is None
    numbered = by_socket or VALKEY_DATABASE.fullmatch(parts.path)
    if not (by_network or by_socket) or not numbered or parts.query or parts.fragment:
        raise setting_refusal(words.NOT_A_VALKEY, words.VALKEY)
    return value


def _valkey_sentinels(value: str) -> str:
    """Accept the sentinels of a service: each, between commas, has a name and a port."""
    try:
        parts = urlsplit(value)
        hosts = [urlsplit(f"//{each}") for each in parts.netloc.rpartition("@")[2].split(",")]
        named = all(HOST_NAME.fullmatch(each.hostname or "") and each.port for each in hosts)
    except ValueError:
        raise setting_refusal(words.NOT_A_VALKEY, words.VALKEY) from None
    if not named or not VALKEY_SERVICE.fullmatch(parts.path) or parts.query or parts.fragment:
        raise setting_refusal(words.NOT_A_VALKEY, words.VALKEY)
    return value


def _gateway(value: str) -> str:
    parts, rebuilt = _split(value, words.NOT_A_GATEWAY, words.GATEWAY)
    host = parts.hostname or ""
    known = parts.scheme in {"http", "https"} and HOST_NAME.fullmatch(host) and parts.path.startswith("/")
    if not known or f"{rebuilt}{parts.path}".lower() != value.lower():
        raise setting_refusal(words.NOT_A_GATEWAY, words.GATEWAY)
    return value


def _platform(value: str) -> str:
    """Parse a URL like a gateway's whose path may be empty; http is allowed on this machine only."""
    try:
        _gateway(value if urlsplit(value).path else f"{value}/")
        parts = urlsplit(value)
    except (PydanticCustomError, ValueError):
        raise setting_refusal(words.NOT_A_PLATFORM, words.PLATFORM) from None
    if parts.scheme == "http" and parts.hostname not in ON_THIS_MACHINE:
        raise setting_refusal(words.PLATFORM_WITHOUT_TLS, words.PLATFORM)
    return value.rstrip("/")


WebAddress = Annotated[str, StringConstraints(max_length=LONGEST_WORDS), AfterValidator(_web_address)]
Site = Annotated[str, AfterValidator(_site)]
PlatformUrl = Annotated[str, AfterValidator(_platform)]
GatewayUrl = Annotated[str, AfterValidator(_gateway)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
ThrottleUrl = Annotated[str, AfterValidator(_throttle)]
