"""CASES 10 and 17 look at the database and change the roll."""

import csv
from collections.abc import Iterator

import pytest

from tests.support.product import SPACE, Installation, installation, said

PASSWORD = "Nuage violet 2018"
OTHER_PASSWORD = "Girafe timide 2019"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A product with its own roll, which a test may change."""
    with installation(tmp_path_factory.mktemp("link") / "election") as made:
        for name in ("mailbox", "courier", "serve"):
            made.start(name)
        yield made


def test_case_10_head_is_not_recorded_as_an_opening(product: Installation) -> None:
    """CASE 10: a HEAD request is not recorded as an opening."""
    voter = product.take_unused_voter()
    case = product.browser().ask_for_link_mail(voter.email).case

    for _ in range(3):
        product.browser().get(product.mail(voter.email).link, method="HEAD")

    assert "link-opened" not in [act for act, _ in product.events(str(case))]


def import_roll(product: Installation, change: dict[str, dict[str, str] | None]) -> None:
    """Import the roll again, with other cells for some addresses, or without them."""
    path = product.folder / "roll.csv"
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
    said("roll", "import", path, "--apply", "--dir", product.folder)


def test_case_17_removed_or_readdressed_voters_links_are_dead(product: Installation) -> None:
    """CASE 17: links and sessions of a voter who is removed or gets another address while the product runs end."""
    removed, moved, renamed = product.take_unused_voter(), product.take_unused_voter(), product.take_unused_voter()
    product.set_password_by_link(moved, PASSWORD)
    inside = product.browser()
    assert inside.sign_in(moved.email, PASSWORD).step == "EV-1"
    opened = {voter.email: product.browser_at_new_password(voter) for voter in (removed, moved, renamed)}
    unopened = product.link(removed)
    import_roll(
        product, {removed.email: None, moved.email: {"courriel": f"x.{moved.email}"}, renamed.email: {"nom": "Neuf"}}
    )
    for voter in (removed, moved):
        page = opened[voter.email].submit_new_password(OTHER_PASSWORD)
        assert (page.status, page.refusal) == (410, "link-replaced")
        assert "01 99 00 12 34" in page.text
    assert product.browser().get(unopened).refusal == "link-replaced"
    assert inside.get(SPACE).refusal == "sign-in-needed"
    assert opened[renamed.email].submit_new_password(OTHER_PASSWORD).step == "MP-7"
    product.settled()
    there = len(product.mails())
    product.browser().ask_for_link_mail(removed.email)
    product.browser().ask_for_link_mail(moved.email)
    product.browser().ask_for_link_mail(f"x.{moved.email}")
    product.settled()
    assert {mail.to for mail in product.mails()[there:]} == {f"x.{moved.email}"}
    browser = product.browser()
    browser.get(product.mail(f"x.{moved.email}").link)
    assert browser.submit_new_password(OTHER_PASSWORD).step == "MP-7"
