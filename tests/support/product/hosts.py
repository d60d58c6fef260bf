"""Several hosts of one election, each with its own folder and the same key, which share a PostgreSQL and a mailbox."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.product.demo import VOTERS
from tests.support.product.installation import HERE, Installation, Place, installation
from tests.support.product.preloaded import said
from tests.support.product.processes import RETROUVE


@contextmanager
def hosts(
    folder: Path, database: str, *, places: Sequence[Place] = (HERE, HERE), voters: int = VOTERS
) -> Iterator[list[Installation]]:
    """Make one host for each place on an empty database; the first one's mailbox and phones serve all."""
    with ExitStack() as stack:
        made = [
            stack.enter_context(installation(folder / f"host-{number}", voters=voters, place=place))
            for number, place in enumerate(places)
        ]
        move = "move", database, "--dir", made[0].folder
        if inside := places[0].inside:
            subprocess.run([*inside, *RETROUVE, *move], stdout=subprocess.DEVNULL, check=True)  # our own command
        else:
            said(*move)
        for host in made:
            host.database = database
            host.variables["RETROUVE_DATABASE_URL"] = database
            for shared in ("RETROUVE_MAIL__RELAYS", "RETROUVE_SMS__GATEWAYS"):
                host.variables[shared] = made[0].variables[shared]
        yield made
