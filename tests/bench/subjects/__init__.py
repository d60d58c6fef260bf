"""The subjects of the bench: functions that yield figures of a system, by the name that the command takes."""

from collections.abc import Callable, Iterator, Mapping

from tests.bench.figures import Figure
from tests.bench.measured_system import MeasuredSystem
from tests.bench.subjects import (
    commands,
    desk,
    desk_reading,
    first_page,
    identifier_sms,
    million_rows,
    recovery_mails,
    timing,
    way,
)

SUBJECTS: Mapping[str, Callable[[MeasuredSystem], Iterator[Figure]]] = {
    "start": commands.measure_start,
    "search": desk_reading.measure_search,
    "desk": desk.measure_desk,
    "way": way.measure_way,
    "first_page": first_page.measure_first_page,
    "asks": recovery_mails.measure_asks,
    "links": recovery_mails.measure_links,
    "changes": recovery_mails.measure_changes,
    "slow_relay": recovery_mails.measure_slow_relay,
    "timing": timing.measure_timing,
    "reports": identifier_sms.measure_reports,
    "reissues": identifier_sms.measure_reissues,
    "timeline": desk_reading.measure_timeline,
    "mails": recovery_mails.measure_mails,
    "memory": recovery_mails.measure_memory,
    "journal": million_rows.measure_journal,
    "guides": commands.measure_guides,
    "rows": million_rows.measure_rows,
    "roll": million_rows.measure_roll,
}
"""`rows` and `roll` are last because they replace passwords and voters."""
