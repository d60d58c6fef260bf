"""Several hosts of one election: each has its own folder with the same key; they share a PostgreSQL and a mailbox."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.product.demo import VOTERS
from tests.support.product.installation import HERE, Installation, Place, installation
from tests.support.product.warm import said


@contextmanager
def hosts(
    folder: Path, database: str, *, places: Sequence[Place] = (HERE, HERE), voters: int = VOTERS
) -> Iterator[list[Installation]]:
    """One a place, nothing started, on a database that is empty before; the first one's mailbox and telephones serve them all."""
    with ExitStack() as stack:
        made = [
            stack.enter_context(installation(folder / f"host-{number}", voters=voters, place=place))
            for number, place in enumerate(places)
        ]
        said("move", database, "--dir", made[0].folder)
        for host in made:
            host.database = database
            host.variables["RETROUVE_DATABASE_URL"] = database
            for shared in ("RETROUVE_MAIL__RELAYS", "RETROUVE_SMS__GATEWAYS"):
                host.variables[shared] = made[0].variables[shared]
        yield made
