"""The memory of the product's processes after what was measured before, each shared page counted once."""

from collections.abc import Iterator

from bench.figures import Figure
from bench.measured_system import MeasuredSystem
from bench.process_usage import pss_megabytes
from bench.subjects.asks import ask


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """The web processes and the courier; a database server is a figure of its own."""
    system.start("serve", "courier")
    ask(system, 1_000)
    held = {part: pss_megabytes(system.processes(part)) for part in ("serve", "courier")}
    note = ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in held.items())
    yield Figure(name="memory of all processes", value=sum(held.values()), unit="MB", most=450, note=note)
    if processes := system.postgres_processes():
        yield Figure(name="memory of the database server", value=pss_megabytes(processes), unit="MB")
