"""The list of a demo's fictional voters: a file beside its database, one voter a line."""

from collections.abc import Iterator, Mapping

import msgspec

from core.app.services import Services

VOTERS_FILE = "voters.json"


def read_demo_voters(services: Services) -> Iterator[Mapping[str, str]]:
    """List a demo's fictional voters as a caller would know them; list nobody outside a demo."""
    path = None if services.folder is None else services.folder / VOTERS_FILE
    if not services.settings.demo or path is None or not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            yield msgspec.json.decode(line, type=dict[str, str])
