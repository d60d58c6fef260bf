"""The types of settings that are URLs, each parsed here once: sites, servers, databases."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from core.app.settings import refused_setting_sentences as words
from core.app.settings.value_types import HOST_NAME, LONGEST_WORDS, setting_refusal
from core.text.text import Text

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
        return _sentinels(value)
    parts, _ = _split(value, words.NOT_A_VALKEY, words.VALKEY)
    by_network = parts.scheme in {"valkey", "valkeys"} and HOST_NAME.fullmatch(parts.hostname or "")
    by_socket = parts.scheme == "valkey+unix" and parts.path.strip("/") and not parts.hostname and parts.port is None
    numbered = by_socket or VALKEY_DATABASE.fullmatch(parts.path)
    if not (by_network or by_socket) or not numbered or parts.query or parts.fragment:
        raise setting_refusal(words.NOT_A_VALKEY, words.VALKEY)
    return value


def _sentinels(value: str) -> str:
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
