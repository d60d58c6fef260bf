"""Check the Valkey in which hosts share their per-network limits. Without it pages work and floods are not limited."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from limits.storage import RedisSentinelStorage, RedisStorage
from valkey.exceptions import AuthenticationError, NoPermissionError, ValkeyError

from cli.checks import DoctorCheckResult, failure_detail, passed, warning
from core.adapters.per_network_rate_limits import lazily_connecting_valkey_storage
from core.app import doctor_sentences as words
from core.app.settings import Settings

LONGEST_WAIT_SECONDS = 5


def check_shared_limits(settings: Settings) -> tuple[DoctorCheckResult, ...]:
    """Check Valkey; report nothing where each process counts by itself, or none does."""
    if settings.throttle_url is None or not settings.throttle_networks:
        return ()
    return (_check(settings.throttle_url),)


def _check(url: str) -> DoctorCheckResult:
    storage = lazily_connecting_valkey_storage(url, LONGEST_WAIT_SECONDS)
    try:
        version, role, replicas = _asked(storage)
        silent = ", ".join(_silent_sentinels(storage))
    except (AuthenticationError, NoPermissionError) as refused:
        return warning(words.NETWORKS, words.NETWORKS_REFUSED.fill(failure_detail(refused)), words.CHECK_VALKEY_ACCOUNT)
    except (ValkeyError, OSError) as failure:
        return warning(words.NETWORKS, words.NETWORKS_UNREACHABLE.fill(failure_detail(failure)), words.START_VALKEY)
    if role != "master":
        return warning(words.NETWORKS, words.NETWORKS_READ_ONLY.fill({"version": version}), words.NAME_PRIMARY)
    if silent:
        detail = {"version": version, "sentinels": silent}
        return warning(words.NETWORKS, words.SENTINELS_SILENT.fill(detail), words.START_SENTINELS)
    if isinstance(storage, RedisSentinelStorage) and not replicas:
        return warning(words.NETWORKS, words.NETWORKS_ALONE.fill({"version": version}), words.START_REPLICA)
    return passed(words.NETWORKS, words.NETWORKS_FINE.fill({"version": version}))


def _asked(storage: RedisStorage) -> tuple[str, str, int]:
    """Return Valkey's version, its role, "master" or "slave" in its own words, and how many replicas it has."""
    client: Any = storage.get_connection()
    with closing(client):
        told = client.info()
        version = str(told.get("valkey_version") or told["redis_version"])
        return version, str(told["role"]), int(told.get("connected_slaves", 0))


def _silent_sentinels(storage: RedisStorage) -> Iterator[str]:
    """Yield the address of each sentinel that does not answer."""
    for sentinel in storage.sentinel.sentinels if isinstance(storage, RedisSentinelStorage) else ():
        with closing(sentinel):
            try:
                sentinel.ping()
            except (ValkeyError, OSError):
                where = sentinel.get_connection_kwargs()
                yield f"{where['host']}:{where['port']}"
