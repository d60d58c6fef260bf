"""CASES 24, 29, 30, 50 and 53 pass on two web processes and PostgreSQL, with real hashes.

On SQLite, test_password_overload.py runs CASE 50, and test_conformance.py runs the other cases.
"""

from pathlib import Path

from tests.product.identifier_checks import identifiers_are_in_force
from tests.support.postgres import postgresql
from tests.support.product import HERE, hosts, judged, worked

CASES = ("--case", "24", "--case", "29", "--case", "30", "--case", "50", "--case", "53")
MIN_CPU_NS = 100_000_000
"""CPU time in nanoseconds. A process that has used less has not answered requests."""


def test_cases_24_29_30_50_and_53_pass_on_postgresql(tmp_path: Path) -> None:
    """The cases with many clients at once pass on PostgreSQL, and the last identifiers are valid."""
    with postgresql() as server, hosts(tmp_path, f"{server.url}/postgres", places=(HERE,)) as (host,):
        for part in ("mailbox", "telephone", "courier", "serve"):
            host.start(part)

        verdict = judged(host.site, *CASES)

        assert verdict.returncode == 0, verdict.stdout
        assert identifiers_are_in_force(host) > 1
        assert [worked(pid) > MIN_CPU_NS for pid in host.workers] == [True, True]
