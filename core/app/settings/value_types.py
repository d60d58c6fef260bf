"""The types of values that settings have. Each value is parsed here once, into a type that cannot be wrong."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, PlainValidator, StringConstraints, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import NoDecode
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from core.app.settings import refused_setting_sentences as words
from core.forms import parsers
from core.forms.model import FieldRejected
from core.text.text import Text

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_WORDS = 200
LONGEST_HOST = 50
"""The site's name is the last line of the SMS of a code, which must fit in one message."""
LONGEST_LOCAL_PART = 30
"""RFC 5321 allows 64 octets; a bounce address also carries a case and its tag."""
HOST_NAME = re.compile(r"\.?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?", re.ASCII)
LOCAL_PART = re.compile(rf"[a-z0-9-]{{1,{LONGEST_LOCAL_PART}}}", re.ASCII)
ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
SMS_SENDER = re.compile(r"\+?[0-9]{3,15}|[A-Za-z0-9 ]{3,11}", re.ASCII)
"""A number, or the name that an operator shows instead (3GPP TS 23.040 §9.1.2.5)."""
WEB_ADDRESS = re.compile(r"[!#-;=?-~]+", re.ASCII)
"""Without spaces and the signs that end an address in a text."""
VALKEY_DATABASE = re.compile(r"/?|/[0-9]{1,5}", re.ASCII)
VALKEY_SERVICE = re.compile(r"/[A-Za-z0-9._-]+", re.ASCII)
"""The name of a primary and its replicas, as in `sentinel monitor`."""
NAMED_ADDRESS = re.compile(r"(?P<name>[^<>\"]+?)\s*<(?P<address>[^<>\s]+)>")


@dataclass(frozen=True, slots=True)
class Sender:
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
    # A number would be read as seconds since 1970, even between quotes.
    if isinstance(value, datetime) or (isinstance(value, str) and "-" in value[1:]):
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
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise setting_refusal(words.ZONE_UNKNOWN, words.ZONE) from None


def _site(value: str) -> str:
    if not value.isascii():
        raise setting_refusal(words.SITE_NOT_ASCII, words.PUNYCODE)
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise setting_refusal(words.NOT_A_SITE, words.SITE) from None
    host = parts.hostname or ""
    rebuilt = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{'' if port is None else f':{port}'}"
    if len(host) > LONGEST_HOST:
        raise setting_refusal(words.SITE_TOO_LONG, words.AT_MOST_CHARACTERS.fill({"maximum": LONGEST_HOST}))
    if parts.scheme not in {"http", "https"} or not HOST_NAME.fullmatch(host) or rebuilt != value.lower():
        raise setting_refusal(words.NOT_A_SITE, words.SITE)
    return rebuilt


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        raise setting_refusal(words.NOT_A_WEB_ADDRESS, words.WEB_ADDRESS) from None
    named = HOST_NAME.fullmatch(parts.hostname or "") and "@" not in parts.netloc
    if parts.scheme != "https" or not named or not value.isascii() or not WEB_ADDRESS.fullmatch(value):
        raise setting_refusal(words.NOT_A_WEB_ADDRESS, words.WEB_ADDRESS)
    return value


def _address(value: str) -> str:
    try:
        return parsers.parse_address(value, example="").key
    except FieldRejected:
        raise setting_refusal(words.NOT_AN_ADDRESS, words.ADDRESS) from None


def _sender(value: object) -> Sender:
    found = NAMED_ADDRESS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise setting_refusal(words.NOT_A_SENDER, words.SENDER)
    return Sender(_printable(found["name"]), _address(found["address"]))


def _host(value: str) -> str:
    if not HOST_NAME.fullmatch(value.lower()):
        raise setting_refusal(words.NOT_A_HOST, words.HOST)
    return value.lower()


def _local_part(value: str) -> str:
    if not LOCAL_PART.fullmatch(value):
        raise setting_refusal(words.NOT_A_LOCAL_PART, words.LOCAL_PART.fill({"maximum": LONGEST_LOCAL_PART}))
    return value


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value if isinstance(value, str) else "")
    except ValueError:
        raise setting_refusal(words.NOT_A_NETWORK, words.NETWORK) from None


def _database(value: str) -> str:
    try:
        url = make_url(value)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise setting_refusal(words.NOT_A_DATABASE, words.DATABASE) from None
    if backend not in {"sqlite", "postgresql"}:
        raise setting_refusal(words.NOT_A_DATABASE, words.DATABASE)
    if backend == "sqlite" and (url.database or ":memory:") == ":memory:":
        raise setting_refusal(words.DATABASE_IN_MEMORY, words.DATABASE)
    return value


def _throttle(value: str) -> str:
    try:
        parts = urlsplit(value)
        by_sentinel = parts.scheme == "valkey+sentinel" and _names_ports(parts.netloc.rpartition("@")[2])
        port = None if by_sentinel else parts.port
    except ValueError:
        raise setting_refusal(words.NOT_A_VALKEY, words.VALKEY) from None
    by_network = parts.scheme in {"valkey", "valkeys"} and HOST_NAME.fullmatch(parts.hostname or "")
    by_socket = parts.scheme == "valkey+unix" and parts.path.strip("/") and not parts.hostname and port is None
    named = by_socket or (VALKEY_SERVICE if by_sentinel else VALKEY_DATABASE).fullmatch(parts.path)
    if not (by_sentinel or by_network or by_socket) or not named or parts.query or parts.fragment:
        raise setting_refusal(words.NOT_A_VALKEY, words.VALKEY)
    return value


def _names_ports(hosts: str) -> bool:
    """Tell whether each of those hosts, between commas, has a name and a port. Raises ValueError."""
    named = [urlsplit(f"//{each}") for each in hosts.split(",")]
    return all(HOST_NAME.fullmatch(each.hostname or "") and each.port for each in named)


def _gateway(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise setting_refusal(words.NOT_A_GATEWAY, words.GATEWAY) from None
    host = parts.hostname or ""
    rebuilt = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{'' if port is None else f':{port}'}{parts.path}"
    known = parts.scheme in {"http", "https"} and HOST_NAME.fullmatch(host) and parts.path.startswith("/")
    if not known or rebuilt.lower() != value.lower():
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


def _sms_sender(value: str) -> str:
    if not SMS_SENDER.fullmatch(value):
        raise setting_refusal(words.NOT_AN_SMS_SENDER, words.SMS_SENDER)
    return value


WholeNumber = Annotated[int, BeforeValidator(_whole)]
ShortText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORDS),
    AfterValidator(_printable),
]
DateTimeValue = Annotated[datetime, BeforeValidator(_not_a_number), AfterValidator(_plausible)]
TimeZone = Annotated[ZoneInfo, PlainValidator(_zone)]
WebAddress = Annotated[str, StringConstraints(max_length=LONGEST_WORDS), AfterValidator(_web_address)]
Site = Annotated[str, AfterValidator(_site)]
MailAddress = Annotated[str, AfterValidator(_address)]
SenderValue = Annotated[Sender, NoDecode, PlainValidator(_sender)]
"""NoDecode: in a variable too it is plain words, not JSON."""
Host = Annotated[str, AfterValidator(_host)]
LocalPart = Annotated[str, AfterValidator(_local_part)]
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]
PlatformUrl = Annotated[str, AfterValidator(_platform)]
GatewayUrl = Annotated[str, AfterValidator(_gateway)]
SmsSender = Annotated[str, AfterValidator(_sms_sender)]
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
DatabaseUrl = Annotated[str, AfterValidator(_database)]
ThrottleUrl = Annotated[str, AfterValidator(_throttle)]
