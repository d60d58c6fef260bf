"""If the clock of one of two hosts is an hour wrong, no mail is late or cancelled, and events have the right time."""

import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.postgres import postgresql
from tests.support.product import Installation, SiteBrowser, eventually, exchange, hosts
from tests.support.product.installation import HERE, Place
from tests.support.product.preloaded import said

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
PASSWORD = "Nuage violet 2018"
HOUR = 3600
MINUTES = 30
READY = {"database": "ready", "clock": "ready"}
EXPECTED = {"asked", "link-decided", "mail-accepted", "password-chosen"}
LEADS = "SELECT count(*) FROM hosts WHERE right(host, 8) = ' courier' AND abs(ahead) > ?"
SEEN = "SELECT seen FROM hosts WHERE seen > ?"
UNSEALED = "SELECT count(*) FROM events WHERE id NOT IN (SELECT line FROM seals)"
NOW = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"


@dataclass
class TwoHosts:
    """A host with the right clock, and a host whose clock tests can change. Only the second has a courier."""

    right: Installation
    wrong: Installation
    offset: Path

    def shift(self, seconds: int) -> None:
        """Shift the clock of the second host, for all its processes."""
        new = self.offset.with_suffix(".new")
        new.write_text(f"{seconds:+d}s\n", "utf-8")
        new.replace(self.offset)

    @property
    def database_time(self) -> int:
        """Time of the database, in microseconds."""
        found: int = self.right.rows(NOW)[0][0]
        return found


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoHosts]:
    """Run two hosts, one of which starts with a clock that is an hour ahead."""
    offset = tmp_path / "offset"
    shifted = Place(
        inside=(
            "env",
            f"LD_PRELOAD={LIBRARY}",
            f"FAKETIME_TIMESTAMP_FILE={offset}",
            # Each look at the clock would read the file under a lock, which a forked worker may inherit locked.
            "FAKETIME_CACHE_DURATION=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "FAKETIME_DISABLE_SHM=1",  # a killed process leaves shared memory that stops a later one with the same id
            "NO_FAKE_STAT=1",
        )
    )
    with (
        postgresql() as server,
        hosts(tmp_path / "hosts", f"{server.url}/postgres", places=(HERE, shifted)) as (right, wrong),
    ):
        made = TwoHosts(right, wrong, offset)
        made.shift(HOUR)
        right.start("mailbox")
        for host in (right, wrong):
            host.variables["RETROUVE_WEB__WORKERS"] = "1"
            host.start("serve", ready=False)
        wrong.start("courier")
        right.ready()
        eventually(lambda: readyz(wrong), "an answer of the other host")
        yield made


def readyz(host: Installation) -> dict[str, str] | None:
    """Return the parts of a host's answer about its readiness, once it answers."""
    try:
        parts: dict[str, str] = json.loads(exchange(host.site, "GET", "/readyz").body)["parts"]
    except (OSError, http.client.HTTPException):
        return None
    return parts


def test_case_56_an_excursion_of_one_host_changes_nothing(two: TwoHosts) -> None:
    """CASE 56: links work on a host whose clock is an hour ahead or behind, and events have the right time."""
    began = two.database_time
    for offset in (HOUR, -HOUR):
        two.shift(offset)
        clock = eventually(lambda: shown_clock(two.wrong, "clock: "), "a host that is not ready")
        assert re.search(r"\b3,[56]\d\d seconds", clock)
        eventually(lambda: readyz(two.right) == READY, "a right host that is ready")
        eventually(
            lambda: two.right.rows(LEADS, 3000 * 1_000_000) == [(1,)], "a courier whose clock is known to be wrong"
        )
        for asked, chosen in ((two.right, two.wrong), (two.wrong, two.right)):
            voter = two.right.take_unused_voter()
            case = asked.browser().ask_for_link_mail(voter.email).case
            link = two.right.mail(voter.email).link
            browser = SiteBrowser(chosen.site)
            assert browser.get(link.replace(two.wrong.site, chosen.site)).step == "MP-6"
            assert browser.submit_new_password(PASSWORD).step == "MP-7"
            assert SiteBrowser(asked.site).sign_in(voter.email, PASSWORD).step == "EV-1"
            eventually(lambda: acts(two, str(case)) >= EXPECTED, "every event of the case")  # noqa: B023  # used at once
    two.shift(0)
    eventually(lambda: readyz(two.wrong) == READY, "a host that is ready again")
    two.right.settled()

    ended, margin = two.database_time, MINUTES * 60 * 1_000_000
    for moments in ("SELECT at FROM events WHERE at > ?", "SELECT created FROM outbox WHERE created > ?", SEEN):
        dated = [moment for (moment,) in two.right.rows(moments, began - 3 * HOUR * 1_000_000)]
        assert dated
        assert began - margin < min(dated)
        assert max(dated) < ended + margin
    assert two.right.rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'waiting')") == [(0,)]
    eventually(lambda: two.right.rows(UNSEALED) == [(0,)], "a sealed journal")
    said("journal", "verify", "--dir", two.right.folder, variables={"RETROUVE_DATABASE_URL": str(two.right.database)})


def acts(two: TwoHosts, case: str) -> set[str]:
    """Return the event types of a case."""
    return {act for act, _ in two.right.events(case)}


def shown_clock(host: Installation, beginning: str) -> str | None:
    """Return what a host reports about its clock, if the report begins with the given text."""
    clock = (readyz(host) or {}).get("clock", "")
    return clock if clock.startswith(beginning) else None
