from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, Dialect


def hosts_of(url: URL) -> str:
    named = url.query.get("host", url.host or "")
    return named if isinstance(named, str) else ",".join(named)


def is_postgresql_on_this_machine(url: URL) -> bool:
    return hosts_of(url) in {"", "localhost", "127.0.0.1", "::1"} or hosts_of(url).startswith("/")


def hosts_and_ports(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    hosts, ports = params.get("host", "").split(","), str(params.get("port", "")).split(",")
    named = ports if len(ports) == len(hosts) else ports * len(hosts)
    return list(zip(hosts, named, strict=True))


class PostgresqlHostOrder:
    """Tries the hosts of a PostgreSQL URL, starting with the host that answered last."""

    def __init__(self) -> None:
        self._last: tuple[str, ...] | None = None
        self._failed = False

    def connect(self, dialect: Dialect, _record: object, _arguments: object, params: Mapping[str, Any]) -> Any:  # noqa: ANN401  # psycopg's
        try:
            made = dialect.connect(**{**params, **self._ordered(params)})
        except dialect.loaded_dbapi.Error:
            self._failed = True
            raise
        self._last, self._failed = (made.info.host, str(made.info.port)), False
        return made

    def _ordered(self, params: Mapping[str, Any]) -> dict[str, str]:
        places = hosts_and_ports(params)
        places.sort(key=lambda place: self._is_last(place) is self._failed)
        return {
            "host": ",".join(host for host, _ in places),
            **({"port": ",".join(port for _, port in places)} if "port" in params else {}),
        }

    def _is_last(self, place: tuple[str, str]) -> bool:
        return self._last is not None and place[0] == self._last[0] and place[1] in {"", self._last[1]}
