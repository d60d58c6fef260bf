"""CASE 17, and what the database records about the opening of a link."""

import csv

from tests.support.product import SPACE, Installation, said

PASSWORD = "Nuage violet 2018"
OTHER_PASSWORD = "Girafe timide 2019"


def test_head_is_not_recorded_as_an_opening(running: Installation) -> None:
    """A HEAD request is not recorded as an opening."""
    voter = running.take_unused_voter()
    case = running.browser().ask_for_link_mail(voter.email).case

    for _ in range(3):
        running.browser().get(running.mail(voter.email).link, method="HEAD")

    assert "link-opened" not in [act for act, _ in running.events(str(case))]


def import_roll(running: Installation, change: dict[str, dict[str, str] | None]) -> None:
    """Import the roll again. Some voters have other values, or are missing."""
    path = running.folder / "roll.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter=";")
        headings, lines = list(reader.fieldnames or []), list(reader)
    kept = [
        {**line, **(change.get(line["courriel"], {}) or {})}
        for line in lines
        if change.get(line["courriel"], {}) is not None
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, delimiter=";")
        writer.writeheader()
        writer.writerows(kept)
    said("roll", "import", path, "--apply", "--dir", running.folder)


def test_case_17_removed_or_readdressed_voters_links_are_dead(running: Installation) -> None:
    """CASE 17: if a voter is removed or gets another address, the voter's links and sessions end."""
    removed, moved, renamed = running.take_unused_voter(), running.take_unused_voter(), running.take_unused_voter()
    running.set_password_by_link(moved, PASSWORD)
    inside = running.browser()
    assert inside.sign_in(moved.email, PASSWORD).step == "EV-1"
    opened = {voter.email: running.browser_at_new_password(voter) for voter in (removed, moved, renamed)}
    unopened = running.link(removed)
    import_roll(
        running, {removed.email: None, moved.email: {"courriel": f"x.{moved.email}"}, renamed.email: {"nom": "Neuf"}}
    )
    for voter in (removed, moved):
        page = opened[voter.email].submit_new_password(OTHER_PASSWORD)
        assert (page.status, page.refusal) == (410, "link-replaced")
        assert "01 99 00 12 34" in page.text
    assert running.browser().get(unopened).refusal == "link-replaced"
    assert inside.get(SPACE).refusal == "sign-in-needed"
    assert opened[renamed.email].submit_new_password(OTHER_PASSWORD).step == "MP-7"
    running.settled()
    there = len(running.mails())
    running.browser().ask_for_link_mail(removed.email)
    running.browser().ask_for_link_mail(moved.email)
    running.browser().ask_for_link_mail(f"x.{moved.email}")
    running.settled()
    assert {mail.to for mail in running.mails()[there:]} == {f"x.{moved.email}"}
    browser = running.browser()
    browser.get(running.mail(f"x.{moved.email}").link)
    assert browser.submit_new_password(OTHER_PASSWORD).step == "MP-7"
