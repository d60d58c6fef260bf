"""What is measured, one subject a file: a function from the ground to its figures. A new one is a file and a line here.

They run in this order: `roll` leaves nobody behind.
"""

from collections.abc import Callable, Iterator, Mapping

from bench.figures import Figure
from bench.ground import Ground
from bench.subjects import (
    asks,
    changes,
    courier,
    feed,
    guides,
    journal,
    likeness,
    links,
    memory,
    reissues,
    relay,
    reports,
    roll,
    search,
    start,
    terminal,
)

SUBJECTS: Mapping[str, Callable[[Ground], Iterator[Figure]]] = {
    "start": start.measure,
    "terminal": terminal.measure,
    "search": search.measure,
    "asks": asks.measure,
    "links": links.measure,
    "changes": changes.measure,
    "relay": relay.measure,
    "likeness": likeness.measure,
    "reports": reports.measure,
    "reissues": reissues.measure,
    "feed": feed.measure,
    "courier": courier.measure,
    "memory": memory.measure,
    "journal": journal.measure,
    "guides": guides.measure,
    "roll": roll.measure,
}
