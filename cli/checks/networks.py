"""The Valkey in which hosts share their limits per network. Without it voters are served, and floods are not blunted."""

from contextlib import closing
from typing import Any

from valkey import Valkey
from valkey.exceptions import AuthenticationError, NoPermissionError, ValkeyError

from cli.checks import Check, attention, ok
from core.settings import Settings
from core.words import doctor as words

LONGEST_WAIT_SECONDS = 5


def check_networks(settings: Settings) -> tuple[Check, ...]:
    """Nothing to say where each process counts by itself, or none does."""
    if settings.throttle_url is None or not settings.throttle_networks:
        return ()
    return (_check(settings.throttle_url),)


def _check(url: str) -> Check:
    try:
        version, role = _asked(url)
    except (AuthenticationError, NoPermissionError) as refused:
        return attention(words.NETWORKS, words.NETWORKS_REFUSED.fill(_detail(refused)), words.CHECK_VALKEY_ACCOUNT)
    except (ValkeyError, OSError) as failure:
        return attention(words.NETWORKS, words.NETWORKS_UNREACHABLE.fill(_detail(failure)), words.START_VALKEY)
    if role != "master":
        return attention(words.NETWORKS, words.NETWORKS_READ_ONLY.fill({"version": version}), words.NAME_PRIMARY)
    return ok(words.NETWORKS, words.NETWORKS_FINE.fill({"version": version}))


def _asked(url: str) -> tuple[str, str]:
    """Its version, and whether it is "master" or "slave", as it calls them."""
    wait = {"socket_timeout": LONGEST_WAIT_SECONDS, "socket_connect_timeout": LONGEST_WAIT_SECONDS}
    checked = {"ssl_check_hostname": True} if url.startswith("valkeys:") else {}
    with closing(Valkey.from_url(url, **wait, **checked)) as client:
        told: Any = client.info()
        return str(told.get("valkey_version") or told["redis_version"]), str(told["role"])


def _detail(failure: Exception) -> dict[str, str]:
    return {"detail": str(failure).partition("\n")[0] or type(failure).__name__}
