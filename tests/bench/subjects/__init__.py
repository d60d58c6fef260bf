"""The subjects of the bench by their names on the command line. Each yields figures of a system.

Their goals are the load budget of two cores, which also run the database, with a million voters.
"""

from collections.abc import Callable, Iterator, Mapping

from tests.bench.figures import Figure
from tests.bench.measured_system import MeasuredSystem
from tests.bench.subjects import desk, first_page, mails, reissues, roll, search, start, timing, way

SUBJECTS: Mapping[str, Callable[[MeasuredSystem], Iterator[Figure]]] = {
    "start": start.measure_start,
    "memory": start.measure_memory,
    "search": search.measure_search,
    "desk": desk.measure_desk,
    "way": way.measure_way,
    "first_page": first_page.measure_first_page,
    "changes": mails.measure_changes,
    "timing": timing.measure_timing,
    "reissues": reissues.measure_reissues,
    "mails": mails.measure_mails,
    "roll": roll.measure_roll,
}
"""`roll` is last because it replaces the voters."""
