"""The logs of a demo's processes as its terminal shows them: each event on a line."""

import json
import os
from collections.abc import Iterator

from cli.demo_processes import RunningCommand


class DemoLiveLog:
    """Reads the logs of the processes and shortens each event to a line."""

    def __init__(self, started: list[RunningCommand]) -> None:
        self._files = [(each.name, each.log.open(encoding="utf-8", errors="replace")) for each in started]
        for _, file in self._files:
            file.seek(0, os.SEEK_END)

    def lines(self) -> Iterator[str]:
        """Return the new lines, for a person to read."""
        for name, file in self._files:
            for line in file:
                short = _short(name, line)
                if short is not None:
                    yield short

    def close(self) -> None:
        """Close the files."""
        for _, file in self._files:
            file.close()


def _short(name: str, line: str) -> str | None:
    try:
        logged = json.loads(line)
    except ValueError:
        return None
    if logged.get("event") == "request" and "/static" in logged.get("route", ""):
        return None
    details = " ".join(str(logged[key]) for key in ("method", "route", "status", "kind", "reason") if key in logged)
    clock = str(logged.get("timestamp", ""))[11:19]
    return f"{clock}  {name:<8} {logged.get('event', '')} {details}"
