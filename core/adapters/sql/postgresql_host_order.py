"""Orders the hosts of a PostgreSQL cluster for the next connection: each host that is gone without a word costs two seconds."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect


def hosts_and_ports(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the hosts that libpq is given, each with its port, or an empty one where none is named."""
    hosts, ports = params.get("host", "").split(","), str(params.get("port", "")).split(",")
    named = ports if len(ports) == len(hosts) else ports * len(hosts)
    return list(zip(hosts, named, strict=True))


class PostgresqlHostOrder:
    """Opens connections at the host that led to the primary last; once that failed, at all others before it."""

    def __init__(self) -> None:
        self._last: tuple[str, ...] | None = None
        self._failed = False

    def connect(self, dialect: Dialect, _record: object, _arguments: object, params: Mapping[str, Any]) -> Any:  # noqa: ANN401  # psycopg's
        """Open a connection. Listens to SQLAlchemy's `do_connect`."""
        try:
            made = dialect.connect(**{**params, **self._ordered(params)})
        except dialect.loaded_dbapi.Error:
            self._failed = True
            raise
        self._last, self._failed = (made.info.host, str(made.info.port)), False
        return made

    def _ordered(self, params: Mapping[str, Any]) -> dict[str, str]:
        """Return the hosts and, where the URL names them, their ports."""
        places = hosts_and_ports(params)
        places.sort(key=lambda place: self._is_last(place) is self._failed)
        return {
            "host": ",".join(host for host, _ in places),
            **({"port": ",".join(port for _, port in places)} if "port" in params else {}),
        }

    def _is_last(self, place: tuple[str, str]) -> bool:
        return self._last is not None and place[0] == self._last[0] and place[1] in {"", self._last[1]}
