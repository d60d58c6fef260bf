"""CASES 10 to 19: the link, and everything that happens to links on their way."""

import csv
import re
from urllib.parse import quote, urlsplit

import pytest

from tests.support.product import CHOOSE, MESSAGE, SPACE, Browser, Demo, Installation, Voter, exchange, said

PASSWORD = "Nuage violet 2018"
OTHER_PASSWORD = "Renard roux 2019"
KINDLY = {(404, "link-damaged"), (404, "link-unknown"), (404, "page-not-found")}
SCANNERS = [
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0) SafeLinks",
    "BarracudaCentral/1.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1)",
    "curl/8.5.0",
    "",
]


def test_case_10_scanners_open_it_and_the_post_still_works(product: Demo, voter: Voter) -> None:
    """CASE 10: HEAD, then twenty GETs by other agents, each of them to the end: the voter's POST works, in any browser."""
    link = product.link(voter)
    assert product.browser().get(link, method="HEAD", follow=False).status == 303
    for number in range(20):
        scanner = {"User-Agent": SCANNERS[number % len(SCANNERS)]}
        assert product.browser().get(link, headers=scanner).step == "MP-6"
    browser = product.browser()
    page = browser.get(link)
    assert page.step == "MP-6"
    assert browser.choose(PASSWORD).step == "MP-7"
    acts = [act for act, _ in product.events(str(page.case))]
    assert acts.count("link-opened") == 1
    assert product.epoch(voter) == 1


def test_case_10_head_alone_leaves_no_trace(product: Demo, voter: Voter) -> None:
    """CASE 10: a HEAD is not even an opening."""
    link = product.link(voter)
    for _ in range(3):
        product.browser().get(link, method="HEAD")
    assert product.rows(
        "SELECT count(*) FROM events WHERE act = 'link-opened' AND voter IN (SELECT id FROM voters WHERE email = ?)",
        voter.email,
    ) == [(0,)]


def test_case_11_second_use_fails_in_the_same_and_in_another_browser(product: Demo, voter: Voter) -> None:
    """CASE 11: a used link says that it was used, wherever it is opened or posted again, and changes nothing."""
    link = product.link(voter)
    first, waiting = product.browser(), product.browser()
    first.get(link)
    waiting.get(link)
    assert first.choose(PASSWORD).step == "MP-7"
    refusals = [
        first.get(link),
        first.choose(OTHER_PASSWORD),
        waiting.choose(OTHER_PASSWORD),
        product.browser().get(link),
    ]
    assert [(page.status, page.refusal) for page in refusals] == [(410, "link-used")] * 4
    assert product.epoch(voter) == 1
    assert product.browser().sign_in(voter.email, OTHER_PASSWORD).refusal is None
    assert product.browser().sign_in(voter.email, PASSWORD).step == "EV-1"


def test_case_14_another_device_completes(product: Demo, voter: Voter) -> None:
    """CASE 14: opened on another device it completes there; the browser that asked goes on seeing MP-4."""
    asking, reading = product.browser(), product.browser()
    asked = asking.ask(voter.email)
    page = reading.get(product.mail(voter.email).link)
    assert (page.step, page.case) == ("MP-6", asked.case)
    assert reading.choose(PASSWORD).step == "MP-7"
    assert asking.get(MESSAGE).step == "MP-4"


def test_case_15_damaged_link_is_refused_kindly(product: Demo, voter: Voter) -> None:
    """CASE 15: cut, altered, wrapped or lengthened, it gets a page that says what to do; the whole link still works."""
    link = product.link(voter)
    head, token = link.rpartition("/")[0], link.rpartition("/")[2]
    swapped = ("B" if token[0] == "A" else "A") + token[1:]
    damaged = [
        token[:-1],
        token[:20],
        swapped,
        f"{token[:30]}=%0D%0A{token[30:]}",
        f"{token[:30]}={token[30:]}",
        f"{token[:30]}=%20{token[30:]}",
        f"{token}.",
        f"{token}%3E",
        f"{token})",
        f"{token},",
        f"{token}%20",
        f"%20{token}",
        f"{token}=",
        f"{token}/",
        f"{token}/x",
        f"3D{token}",
        token.swapcase(),
        token * 30,
        "%E2%80%8B" + token,
        "%25%32%35%00%FF",
        "..%2f..%2f" + token,
        "é" * 43,
        "%D0%90" * 43,
        "A" * 43,
    ]
    for each in damaged:
        browser = product.browser()
        path = quote(urlsplit(f"{head}/{each}").path, safe="/%=,)")
        answer = exchange(product.site, "GET", path)
        assert (answer.status, answer.page.refusal) in KINDLY, each
        assert "01 99 00 12 34" in answer.page.text
        assert (answer.header("Set-Cookie"), browser.get(CHOOSE).status) == (None, 404)
    browser = product.browser()
    browser.get(link)
    assert browser.choose(PASSWORD).step == "MP-7"


def test_case_16_success_ends_every_other_link_session_and_half_finished_sign_in(product: Demo, voter: Voter) -> None:
    """CASE 16: after a new password, the other links, the open sessions and the sign-ins begun with the old one are dead."""
    product.give_password(voter, PASSWORD)
    inside, half = product.browser(), product.browser()
    assert inside.sign_in(voter.email, PASSWORD).step == "EV-1"
    ways = half.post("/", {"email": voter.email})
    links = [product.link(voter) for _ in range(3)]
    opened = product.browser()
    opened.get(links[1])
    changing = product.browser()
    changing.get(links[0])
    assert changing.choose(OTHER_PASSWORD).step == "MP-7"
    assert (inside.get(SPACE).status, inside.get(SPACE).refusal) == (403, "sign-in-needed")
    assert inside.post(SPACE, {"choice": "new-password"}).refusal == "sign-in-needed"
    assert opened.choose("Hibou moyen 2020").refusal == "link-replaced"
    assert {product.browser().get(link).refusal for link in links[1:]} == {"link-replaced"}
    assert half.post(ways.url, {"choice": "sign-in", "password": PASSWORD}).status == 422
    assert product.epoch(voter) == 2


@pytest.fixture
def small(parts: Installation) -> Installation:
    """A product whose roll one may change."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    return parts


def import_roll(product: Installation, change: dict[str, dict[str, str] | None]) -> None:
    """Imports the roll again, with other cells for some addresses, or without them."""
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


def test_case_17_removed_or_readdressed_voters_links_are_dead(small: Installation) -> None:
    """CASE 17: taken off the roll or given another address while the product runs, a voter's links and sessions are dead."""
    removed, moved, renamed = small.new_voter(), small.new_voter(), small.new_voter()
    small.give_password(moved, PASSWORD)
    inside = small.browser()
    assert inside.sign_in(moved.email, PASSWORD).step == "EV-1"
    opened = {voter.email: small.at_choice(voter) for voter in (removed, moved, renamed)}
    unopened = small.link(removed)
    import_roll(
        small, {removed.email: None, moved.email: {"courriel": f"x.{moved.email}"}, renamed.email: {"nom": "Neuf"}}
    )
    for voter in (removed, moved):
        page = opened[voter.email].choose(OTHER_PASSWORD)
        assert (page.status, page.refusal) == (410, "link-replaced")
        assert "01 99 00 12 34" in page.text
    assert small.browser().get(unopened).refusal == "link-replaced"
    assert inside.get(SPACE).refusal == "sign-in-needed"
    assert opened[renamed.email].choose(OTHER_PASSWORD).step == "MP-7"
    small.settled()
    there = len(small.mails())
    small.browser().ask(removed.email)
    small.browser().ask(moved.email)
    small.browser().ask(f"x.{moved.email}")
    small.settled()
    assert {mail.to for mail in small.mails()[there:]} == {f"x.{moved.email}"}
    browser = small.browser()
    browser.get(small.mail(f"x.{moved.email}").link)
    assert browser.choose(OTHER_PASSWORD).step == "MP-7"


def test_case_18_link_of_another_voter_is_explicit_and_safe(product: Demo) -> None:
    """CASE 18: a link for one voter, opened where another is signed in: the page says so; using it signs nobody in."""
    alice, bob = product.new_voter(), product.new_voter()
    product.give_password(bob, PASSWORD)
    browser = product.browser()
    assert browser.sign_in(bob.email, PASSWORD).step == "EV-1"
    session = browser.held["session"]
    page = browser.get(product.link(alice))
    assert page.step == "MP-6"
    assert f"{bob.email[0]}•••@" in page.text
    assert f"{alice.email[0]}•••@" in page.text
    assert alice.email not in page.text
    assert bob.email not in page.body
    assert browser.get(SPACE).step == "EV-1"
    assert browser.choose(OTHER_PASSWORD).step == "MP-7"
    assert browser.get(SPACE).refusal == "sign-in-needed"
    stolen = exchange(product.site, "GET", SPACE, headers={"Cookie": f"session={session}"})
    assert stolen.page.refusal == "sign-in-needed"
    assert (product.epoch(alice), product.epoch(bob)) == (1, 1)
    assert product.browser().sign_in(bob.email, PASSWORD).step == "EV-1"


def test_case_19_token_leaves_with_the_first_page(product: Demo, voter: Voter) -> None:
    """CASE 19: the token is in no redirect, page, clear cookie or log, and no browser is told to send it as a Referer."""
    link = product.link(voter)
    token = link.rpartition("/")[2]
    first = exchange(product.site, "GET", urlsplit(link).path)
    assert first.status == 303
    assert first.header("Location") == CHOOSE
    assert first.header("Referrer-Policy") == "no-referrer"
    assert first.header("Cache-Control") == "no-store"
    assert token not in str(first.headers)
    assert token.encode() not in first.body
    browser = product.browser()
    pages = [
        browser.get(link),
        browser.choose("court"),
        browser.choose(PASSWORD),
        browser.get("/"),
        browser.get(CHOOSE),
    ]
    for page in pages:
        assert token not in page.body
        assert token not in page.url
        assert token not in str(page.headers)
    assert token not in product.logs()


@pytest.mark.parametrize("added", [".", "%3E", "="])
def test_case_19_refused_page_does_not_repeat_the_token(product: Demo, added: str) -> None:
    """CASE 19: the page about a link with a sign too many, whose token still works, neither repeats it nor lets it leave."""
    link = product.link(product.new_voter())
    token = link.rpartition("/")[2]
    answer = exchange(product.site, "GET", urlsplit(link).path + added)
    assert answer.page.refusal == "link-damaged"
    assert token.encode() not in answer.body
    assert answer.header("Referrer-Policy") == "no-referrer"


def test_case_19_link_cookie_of_one_browser_opens_nothing_when_altered(product: Demo, voter: Voter) -> None:
    """CASE 19: the sealed cookie cannot be altered, and is for scripts out of reach."""
    browser = product.at_choice(voter)
    cookie = browser.held["link"]
    altered = cookie[:40] + ("A" if cookie[40] != "A" else "B") + cookie[41:]
    for value in (altered, cookie[:-1], cookie[1:], "", cookie + "A"):
        answer = exchange(product.site, "GET", CHOOSE, headers={"Cookie": f"link={value}"})
        assert (answer.status, answer.page.refusal) == (404, "link-unknown")
    first = exchange(product.site, "GET", urlsplit(product.link(voter)).path)
    assert re.search(r"(?i)httponly", str(first.header("Set-Cookie")))
    assert re.search(r"(?i)samesite=lax", str(first.header("Set-Cookie")))


def test_link_without_a_case_cookie_serves_each_browser_its_own_page(product: Demo) -> None:
    """Two voters' links opened in turn in one browser: the last one opened counts, and only its owner's password changes."""
    first, second = product.new_voter(), product.new_voter()
    browser: Browser = product.browser()
    browser.get(product.link(first))
    browser.get(product.link(second))
    assert browser.choose(PASSWORD).step == "MP-7"
    assert (product.epoch(first), product.epoch(second)) == (0, 1)
