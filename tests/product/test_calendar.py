"""The calendar forbids actions outside its dates, and the last minutes are announced."""

import tomllib
from datetime import datetime

from cli.demo import PARIS
from tests.support.product import Installation, french_time

PASSWORD = "Nuage violet 2018"
DAY = 24 * 3600


def at_offset(made: Installation, seconds: int) -> None:
    """Start the site with a clock that is shifted by the given time."""
    if "serve" in made.parts:
        made.stop("serve")
    made.start("serve", RETROUVE_CLOCK_OFFSET_SECONDS=str(seconds))


def test_the_calendar_forbids_announces_and_ends(parts: Installation) -> None:
    """Outside the dates, actions are refused with the dates, and "it was not me" still works.

    In the last minutes, the pages say so, and links end with the vote.
    """
    parts.start_product()
    voter, late = parts.take_unused_voter(), parts.take_unused_voter()
    parts.set_password_by_link(voter, PASSWORD)
    notice = parts.mail(voter.email, count=2)
    choosing = parts.browser_at_new_password(late)
    dates = tomllib.loads((parts.folder / "election.toml").read_text(encoding="utf-8"))["election"]
    closes = dates["vote_closes"]
    at_offset(parts, int((closes.replace(tzinfo=PARIS) - datetime.now(PARIS)).total_seconds()) - 20 * 60)
    page = parts.browser().ask_for_link_mail(parts.take_unused_voter().email)
    assert f"Le vote se termine à {french_time(closes)}" in page.text
    assert f"à {french_time(closes)}" in page.text.partition("valable jusqu'au ")[2]
    asks = "SELECT count(*) FROM outbox WHERE kind = 'ask'"
    for offset, refusal, date in (
        (-2 * DAY, "not-yet-open", "recovery_opens"),
        (15 * DAY, "vote-closed", "vote_closes"),
    ):
        at_offset(parts, offset)
        before = parts.rows(asks)
        refused = parts.browser().ask_for_link_mail(voter.email), parts.browser().sign_in(voter.email, PASSWORD)
        for page in refused:
            assert (page.status, page.refusal) == (403, refusal)
            assert f"{dates[date].day} " in page.text
            assert french_time(dates[date]) in page.text
            assert "01 99 00 12 34" in page.text
        assert french_time(dates[date]) in parts.browser().get("/").text
        assert parts.rows(asks) == before
    assert choosing.submit_new_password(PASSWORD).refusal in {"vote-closed", "link-unknown", "link-expired"}
    assert parts.epoch(late) == 0
    stopping = parts.browser()
    page = stopping.get(notice.link)
    assert page.step == "ST-1"
    assert stopping.post(page.url).step == "ST-2"
