"""A short drill: three faults of a Patroni cluster; everything that was told is true. Times are reported, not judged."""

from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory

from tests.drill.faults import SHORT
from tests.drill.judge import judge
from tests.drill.play import drill
from tests.drill.report import figures, table


def test_nothing_untrue_is_told_while_the_database_changes_hosts() -> None:
    """CASE 53: the primary is killed, handed over, and cut off with a host; no told act is lost, doubled or denied."""
    # PostgreSQL's account must be able to enter it.
    with (
        TemporaryDirectory(prefix="retrouve-drill-") as folder,
        drill(Path(folder), SHORT, 0, SystemRandom().randrange(1_000_000), patient=False) as made,
    ):
        found = figures(made, judge(made))
        told = table(made, found)

    assert [figure.name for figure in found if figure.missed and not figure.timed] == [], told
    print(told)  # noqa: T201  # shown with -s
