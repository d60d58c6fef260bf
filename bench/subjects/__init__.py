"""The subjects, one a file, whose `measure` yields figures of a system. A new one is a file and its name below."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from bench.figures import Figure
from bench.measured_system import MeasuredSystem

ORDER = (
    "start search desk way first_page asks links changes slow_relay timing reports reissues timeline mails memory"
    " journal guides rows roll"
)
"""`rows` and `roll` are last because they replace passwords and voters."""
SUBJECTS: Mapping[str, Callable[[MeasuredSystem], Iterator[Figure]]] = {
    name: import_module(f"bench.subjects.{name}").measure for name in ORDER.split()
}
