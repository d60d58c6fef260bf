"""Check the Valkey in which hosts share their per-network limits. Without it pages work and floods are not limited."""

from contextlib import closing
from typing import Any

from valkey import Valkey
from valkey.exceptions import AuthenticationError, NoPermissionError, ValkeyError

from cli.checks import CheckResult, first_line, passed, warning
from core.app import doctor_sentences as words
from core.app.settings import Settings

LONGEST_WAIT_SECONDS = 5


def check_shared_limits(settings: Settings) -> tuple[CheckResult, ...]:
    """Check Valkey; report nothing where each process counts by itself, or none does."""
    if settings.throttle_url is None or not settings.throttle_networks:
        return ()
    return (_check(settings.throttle_url),)


def _check(url: str) -> CheckResult:
    try:
        version, role = _asked(url)
    except (AuthenticationError, NoPermissionError) as refused:
        return warning(words.NETWORKS, words.NETWORKS_REFUSED.fill(first_line(refused)), words.CHECK_VALKEY_ACCOUNT)
    except (ValkeyError, OSError) as failure:
        return warning(words.NETWORKS, words.NETWORKS_UNREACHABLE.fill(first_line(failure)), words.START_VALKEY)
    if role != "master":
        return warning(words.NETWORKS, words.NETWORKS_READ_ONLY.fill({"version": version}), words.NAME_PRIMARY)
    return passed(words.NETWORKS, words.NETWORKS_FINE.fill({"version": version}))


def _asked(url: str) -> tuple[str, str]:
    """Return Valkey's version and its role, "master" or "slave" in its own words."""
    wait = {"socket_timeout": LONGEST_WAIT_SECONDS, "socket_connect_timeout": LONGEST_WAIT_SECONDS}
    checked = {"ssl_check_hostname": True} if url.startswith("valkeys:") else {}
    with closing(Valkey.from_url(url, **wait, **checked)) as client:
        told: Any = client.info()
        return str(told.get("valkey_version") or told["redis_version"]), str(told["role"])
