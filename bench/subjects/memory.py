"""What the product's processes hold after what was measured before, each shared page counted once."""

from collections.abc import Iterator

from bench.cost import pss_megabytes
from bench.figures import Figure, Goal
from bench.ground import Ground
from bench.subjects.asks import ask

PARTS = ("serve", "courier")


def measure(ground: Ground) -> Iterator[Figure]:
    """Web parent, web workers and courier together; a database server beside them is told apart."""
    ground.start(*PARTS)
    ask(ground, 1_000)
    held = {part: pss_megabytes(ground.processes(part)) for part in PARTS}
    note = ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in held.items())
    yield Figure(name="memory of all processes", value=sum(held.values()), unit="MB", goal=Goal(most=450), note=note)
    if ground.database_processes():
        server = pss_megabytes(ground.database_processes())
        yield Figure(name="memory of the database server", value=server, unit="MB")
