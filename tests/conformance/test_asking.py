"""CASES 1 to 9: asking for the message, by people and by attackers."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote, urlsplit

import pytest

from core.text import Language
from tests.conformance.relays import Silent, silent
from tests.support.product import (
    CHOOSE,
    MESSAGE,
    NEITHER,
    SPACE,
    Answer,
    Browser,
    Demo,
    Installation,
    Voter,
    exchange,
    free_port,
    installation,
    relay,
    together,
)

LINKS_ALIVE = 3
ASKS_PER_ADDRESS = 10
MEGABYTE = 1024 * 1024


def nobody(voter: Voter) -> str:
    """An address that is not on the roll, as long as the voter's."""
    local, _, domain = voter.email.partition("@")
    return f"{local[:-2]}zq@{domain}"


def shape(answer: Answer, email: str) -> tuple[object, ...]:
    """All of a response but what always differs: the clock, the case's random number and id, and the address typed."""
    body = answer.body.decode().replace(email, "ADDRESS")
    body = re.sub(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", "CASE", body)
    headers = [
        (name, re.sub(r"case=[\w-]{22};|Expires=[^;]+;", "", value)) for name, value in answer.headers if name != "date"
    ]
    return answer.status, headers, re.sub(r"\d\d:\d\d", "HH:MM", body)


def asked(site: str, email: str) -> tuple[list[Answer], str]:
    """MP-1 to MP-4 for an address, every answer on the way, and the cookie."""
    answers = [exchange(site, "POST", "/", {"email": email})]
    cookie = str(answers[0].header("Set-Cookie")).partition(";")[0]
    ways, held = "/mot-de-passe/connexion", {"Cookie": cookie}
    answers += [exchange(site, "GET", ways, headers=held)]
    answers += [exchange(site, "POST", ways, {"choice": "forgotten"}, held)]
    answers += [exchange(site, "POST", "/mot-de-passe/confirmation", {}, held)]
    return [*answers, exchange(site, "GET", MESSAGE, headers=held)], cookie


@pytest.fixture(params=["works", "is slow", "is down"])
def with_relay(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Installation, Silent | None]]:
    """A site and a courier, whose relay works, takes connections and says nothing, or is not there."""
    with ExitStack() as stack:
        slow = stack.enter_context(silent()) if request.param == "is slow" else None
        port = None if request.param == "works" else free_port() if slow is None else slow.port
        relays = None if port is None else [relay(port, timeout_seconds=300)]
        made = stack.enter_context(installation(tmp_path / "election", relays=relays))
        if port is None:
            made.start("mailbox")
        made.start("serve")
        made.start("courier")
        yield made, slow


def test_case_1_unknown_address_gets_what_a_known_one_gets(with_relay: tuple[Installation, Silent | None]) -> None:
    """CASE 1: known or not, each answer from MP-1 to MP-4 is the same, whatever the mail server does."""
    made, slow = with_relay
    voter = made.new_voter()
    stranger = nobody(voter)
    known, known_cookie = asked(made.site, voter.email)
    unknown, unknown_cookie = asked(made.site, stranger)
    if slow is None:
        made.considered(2)
    else:
        assert slow.called.wait(10)  # the courier is now held by the relay, with one of the two asks
    later = [
        exchange(made.site, "GET", MESSAGE, headers={"Cookie": cookie}) for cookie in (known_cookie, unknown_cookie)
    ]
    assert [answer.status for answer in known] == [303, 200, 303, 303, 200]
    for mine, theirs in zip([*known, later[0]], [*unknown, later[1]], strict=True):
        assert shape(mine, voter.email) == shape(theirs, stranger)


def test_case_1_present_delay_tells_nothing_about_the_only_address_asked(tmp_path: Path) -> None:
    """CASE 1: alone on the site while the mail server is down, an asker sees one delay for a known and an unknown address."""
    pages: list[str] = []
    for known in (True, False):
        relays = [relay(free_port())]
        with installation(tmp_path / f"known-{known}", relays=relays) as made:
            made.start("serve")
            made.start("courier")
            voter = made.new_voter()
            browser = made.browser()
            browser.ask(voter.email if known else nobody(voter))
            made.considered(1)
            made.stop("serve")
            made.start("serve", RETROUVE_CLOCK_OFFSET_SECONDS="900")
            pages.append(re.sub(r"\d\d:\d\d|\w+-\w+", "", browser.get(MESSAGE).text.replace(voter.email, "")))
    assert re.findall(r"En ce moment[^.]*\.", pages[0]) == re.findall(r"En ce moment[^.]*\.", pages[1])


def test_case_2_frozen_voter_gets_the_same_page_and_a_mail_without_link(product: Demo, voter: Voter) -> None:
    """CASE 2: who is frozen sees what everyone sees, and gets a mail that says to call the desk, without a link."""
    product.give_password(voter, "Nuage violet 2018")
    stopping = product.browser()
    page = stopping.get(product.mail(voter.email, count=2).link)
    assert stopping.post(page.url).step == "ST-2"
    answers, _ = asked(product.site, voter.email)
    stranger = nobody(voter)
    theirs, _ = asked(product.site, stranger)
    assert [shape(each, voter.email) for each in answers] == [shape(each, stranger) for each in theirs]
    mail = product.mail(voter.email, count=3)
    assert (mail.link, "01 99 00 12 34" in mail.words) == (NEITHER, True)
    assert "/lien/" not in mail.part("html")


def test_case_3_limit_answers_alike_for_known_and_unknown(product: Demo, voter: Voter) -> None:
    """CASE 3: past the limit, asking goes on answering the same, known or not; three links went out and no more."""
    stranger = nobody(voter)
    for _ in range(ASKS_PER_ADDRESS + 2):
        known, _ = asked(product.site, voter.email)
        unknown, _ = asked(product.site, stranger)
        assert [shape(each, voter.email) for each in known] == [shape(each, stranger) for each in unknown]
    product.settled()
    assert len(product.mails(voter.email)) == LINKS_ALIVE
    assert product.mails(stranger) == []


def test_case_3_parallel_asks_never_exceed_the_limit(product: Demo, voter: Voter) -> None:
    """CASE 3: 24 browsers that ask in one instant get three links together."""
    browsers = [product.browser() for _ in range(24)]
    pages = [browser.confirm(voter.email) for browser in browsers]
    assert {page.step for page in together(lambda number: browsers[number].post(pages[number].url), 24)} == {"MP-4"}
    product.settled()
    assert len(product.mails(voter.email)) == LINKS_ALIVE


def test_case_3_one_browser_pressing_many_times_asks_once(product: Demo, voter: Voter) -> None:
    """CASE 43: the same confirmation sent sixteen times in one instant is one ask, and each sees where things stand."""
    browser = product.browser()
    page = browser.confirm(voter.email)
    answers = together(
        lambda _: exchange(product.site, "POST", urlsplit(page.url).path, {}, {"Cookie": browser.cookie}), 16
    )
    assert {(answer.status, answer.header("Location")) for answer in answers} == {(303, MESSAGE)}
    product.settled()
    assert len(product.mails(voter.email)) == 1


def test_case_3_spellings_of_one_address_share_the_count(product: Demo, voter: Voter) -> None:
    """CASE 3: capitals, spaces and full-width letters make no new budget, and mail only ever goes to the roll's address."""
    local, _, domain = voter.email.partition("@")
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in local)
    spellings = [
        voter.email.upper(),
        f"  {voter.email}\t",
        f"\u00a0{voter.email}\u3000",
        f"{wide}@{domain}",
        f"mailto:{voter.email}",
        normalize("NFKD", voter.email.title()),
    ]
    cases = [product.browser().ask(spelling).case for spelling in spellings * 2]
    assert None not in cases
    product.settled()
    assert len(product.mails(voter.email)) == LINKS_ALIVE
    reasons = [product.events(str(case))[-1] for case in cases]
    assert reasons.count(("ask-dropped", "too-many-asks")) == len(cases) - ASKS_PER_ADDRESS


FEW = 8
LIMITED = {
    "RETROUVE_POLICY__VISITS_PER_NETWORK_PER_MINUTE": str(FEW),
    "RETROUVE_WEB__WORKERS": "1",
    "RETROUVE_THROTTLE_NETWORKS": "true",
}


def post_from(site: str, forwarded: str | None = None, source: str = "127.0.0.1") -> Answer:
    """A request that acts, with what it claims about where it comes from."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return exchange(site, "POST", "/", {"email": "personne@ac-lumiere.example"}, headers, source=source)


def test_case_4_forged_forwarded_for_opens_no_new_bucket(parts: Installation) -> None:
    """CASE 4: without declared proxies the header changes nothing: past the limit each request is told to wait."""
    parts.start("serve", **LIMITED)
    statuses = [post_from(parts.site, f"198.51.100.{number}").status for number in range(FEW + 4)]
    refused = post_from(parts.site, "203.0.113.9, 127.0.0.1")
    other = post_from(parts.site, source="127.0.0.2")
    assert statuses == [303] * FEW + [429] * 4
    assert (refused.page.refusal, int(str(refused.header("Retry-After"))) > 0) == ("too-many-requests", True)
    assert other.status == 303


def test_case_4_forwarded_for_is_believed_from_declared_proxies_only(parts: Installation) -> None:
    """CASE 4: behind a declared proxy each network has its bucket; what the visitor wrote before it counts nothing."""
    parts.start("serve", **LIMITED, RETROUVE_WEB__TRUSTED_PROXIES='["127.0.0.1/32"]')
    first = [post_from(parts.site, f"10.9.8.{number}, 198.51.100.7").status for number in range(FEW + 1)]
    second = post_from(parts.site, "198.51.100.7, 198.51.100.8").status
    household = [post_from(parts.site, f"2001:db8:1:2::{number}").status for number in range(FEW + 1)]
    neighbour = post_from(parts.site, "2001:db8:1:3::1").status
    direct = [post_from(parts.site, f"192.0.2.{number}", "127.0.0.2").status for number in range(FEW + 1)]
    nonsense = post_from(parts.site, "not an address, <script>").status
    assert first == household == direct == [303] * FEW + [429]
    assert (second, neighbour, nonsense) == (303, 303, 303)


VOTER = "camille.martin@ac-lumiere.example"
FORM = "application/x-www-form-urlencoded"
UNREADABLE_ADDRESSES = {
    "nothing": (b"", FORM, 422),
    "empty": (b"email=", FORM, 422),
    "spaces": (b"email=%20%09", FORM, 422),
    "ten kilobytes": (b"email=" + b"a" * 10_000 + b"@ac-lumiere.example", FORM, 422),
    "a megabyte": (b"email=" + b"a" * MEGABYTE, FORM, 413),
    "a megabyte elsewhere": (f"email={VOTER}&x=".encode() + b"a" * MEGABYTE, FORM, 413),
    "a line break": (f"email={VOTER}%0D%0ABcc: x@evil.example".encode(), FORM, 422),
    "a bare line feed": (f"email=x%0A{VOTER}".encode(), FORM, 422),
    "two addresses": (f"email={VOTER},x@evil.example".encode(), FORM, 422),
    "two addresses, semicolon": (f"email={VOTER};x@evil.example".encode(), FORM, 422),
    "two addresses, space": (f"email={VOTER}%20x@evil.example".encode(), FORM, 422),
    "a name and an address": (f"email=Camille <{VOTER}>".encode(), FORM, 422),
    "a list": (f"email[]={VOTER}".encode(), FORM, 422),
    "a repeated field": (f"email={VOTER}&email=x@evil.example".encode(), FORM, 422),
    "a repeated field, twice the same": (f"email={VOTER}&email={VOTER}".encode(), FORM, 422),
    "JSON": (f'{{"email": "{VOTER}"}}'.encode(), "application/json", 422),
    "JSON with a list": (f'{{"email": ["{VOTER}", "x@evil.example"]}}'.encode(), "application/json", 422),
    "text": (f"email={VOTER}".encode(), "text/plain", 422),
    "an empty multipart": (b"", "multipart/form-data; boundary=x", 422),
    "a multipart without boundary": (b"--x\r\n", "multipart/form-data", 422),
    "a broken multipart": (b"--x\r\nContent-Disposition: form-data; name", "multipart/form-data; boundary=x", 422),
    "a file": (
        f'--x\r\nContent-Disposition: form-data; name="email"; filename="e"\r\n\r\n{VOTER}\r\n--x--\r\n'.encode(),
        "multipart/form-data; boundary=x",
        422,
    ),
    "a thousand parts": (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' * 200 + b"--x--\r\n",
        "multipart/form-data; boundary=x",
        422,
    ),
    "a thousand fields": (b"a=1&" * 2000, FORM, 422),
    "bad percent-encoding": (b"email=%ZZ%4", FORM, 422),
    "a NUL": (f"email={VOTER}%00".encode(), FORM, 422),
    "bytes that are not UTF-8": (b"email=camille\xff\xfe@ac-lumiere.example", FORM, 422),
    "encoded bytes that are not UTF-8": (b"email=%FF%FE%FF", FORM, 422),
    "a lone surrogate": (b"email=%ED%A0%80", FORM, 422),
    "a right-to-left override": (b"email=camille%E2%80%AE@ac-lumiere.example", FORM, 422),
    "a zero-width space": (b"email=cam%E2%80%8Bille.martin@ac-lumiere.example", FORM, 422),
    "markup": (b"email=<script>alert(1)</script>@x.example", FORM, 422),
    "a quoted local part": (b'email="a b"@ac-lumiere.example', FORM, 422),
    "a comment": (b"email=camille.martin(x)@ac-lumiere.example", FORM, 422),
    "a percent hack": (b"email=camille.martin%2525evil.example@ac-lumiere.example@evil.example", FORM, 422),
    "an address literal": (b"email=camille@[127.0.0.1]", FORM, 422),
}


@pytest.mark.parametrize("sent", UNREADABLE_ADDRESSES.values(), ids=UNREADABLE_ADDRESSES.keys())
def test_case_5_what_is_no_address_is_refused_clearly(product: Demo, sent: tuple[bytes, str, int]) -> None:
    """CASE 5: whatever is sent instead of one address, the answer is a clear refusal; no case opens, nothing is asked."""
    body, kind, status = sent
    before = product.rows("SELECT count(*) FROM recoveries")
    answer = exchange(product.site, "POST", "/", body, {"Content-Type": kind})
    assert answer.status == status
    page = answer.page
    assert (page.step == "MP-1" and "Erreur" in page.text) if status == 422 else page.refusal == "too-large"
    assert b"<script>alert" not in answer.body
    assert product.rows("SELECT count(*) FROM recoveries") == before


def test_case_5_what_is_no_password_is_refused_clearly(product: Demo, voter: Voter) -> None:
    """CASE 5: the same at MP-2 and MP-6: never a 500, and the link still works after all of it."""
    browser = product.at_choice(voter)
    ways = product.browser()
    ways.post("/", {"email": voter.email})
    odd = [b"", b"=", b"%00", b"%FF", b"a" * 5_000, b"%ED%A0%80" * 8, b"%0D%0ASet-Cookie:x=1", b"\xff" * 30]
    for each in odd:
        wrong = b"new_password=" + each + b"&new_password_again=" + each
        answer = exchange(product.site, "POST", CHOOSE, wrong, {"Cookie": browser.cookie})
        assert (answer.status, answer.page.step) == (422, "MP-6"), each
    for each in odd[:4]:
        wrong = b"choice=sign-in&password=" + each
        answer = exchange(product.site, "POST", "/mot-de-passe/connexion", wrong, {"Cookie": ways.cookie})
        assert (answer.status, answer.page.step) == (422, "MP-2"), each
    for choice in (b"", b"choice=x", b"choice=sign-in&choice=forgotten", b"choice[]=forgotten"):
        answer = exchange(product.site, "POST", "/mot-de-passe/connexion", choice, {"Cookie": ways.cookie})
        assert answer.status in {400, 422}, choice
    assert browser.choose("Nuage violet 2018").step == "MP-7"


def test_case_5_odd_requests_are_answered_without_a_stack_trace(product: Demo) -> None:
    """CASE 5: odd paths, methods, cookies and headers end on a page, never on a 5xx."""
    odd = "AAAA" * 400
    requests = [
        ("GET", "/%00", {}),
        ("GET", "/%ff%fe", {}),
        ("GET", "/lien/%00%ff", {}),
        ("GET", "/pas-moi/%00", {}),
        ("GET", "/lien/" + odd, {}),
        ("GET", "/mot-de-passe/" + quote("é" * 300), {}),
        ("GET", "//evil.example/..%2f", {}),
        ("GET", "/?lang=xx&lang=en", {}),
        ("GET", "/static/../../election.toml", {}),
        ("GET", "/static/%2e%2e/%2e%2e/election.toml", {}),
        ("GET", "/demo?mail=99999999999999999999", {}),
        ("GET", "/demo?mail=-1", {}),
        ("GET", "/demo/messages.json?limit=-5&to=%00", {}),
        ("GET", "/demo/mail/99999999999999999999999.html", {}),
        ("OPTIONS", "/", {}),
        ("PUT", "/", {}),
        ("DELETE", "/espace/accueil", {}),
        ("POST", "/lien/" + "A" * 43, {}),
        ("GET", MESSAGE, {"Cookie": "case=é; session=\xff; device=%00; link=AQ; stop=AQFY"}),
        ("GET", CHOOSE, {"Cookie": f"link={odd}"}),
        ("GET", SPACE, {"Cookie": f"session={odd}; device={odd}"}),
        ("GET", "/", {"Accept-Language": odd, "Referer": "http://[::1"}),
        ("POST", "/", {"Origin": "http://[::1"}),
        ("POST", "/", {"Referer": "http://[::1/x"}),
        ("POST", "/", {"Origin": "\xff"}),
        ("POST", "/", {"X-Forwarded-For": "," * 500}),
        ("POST", "/", {"Content-Type": "multipart/form-data; boundary=" + "b" * 200}),
    ]
    answered = {
        (method, path[:40], *headers.items()): exchange(product.site, method, path, None, headers).status
        for method, path, headers in requests
    }
    assert {request: status for request, status in answered.items() if status >= 500} == {}


def test_case_6_look_alike_address_never_receives_anothers_mail(product: Demo) -> None:
    """CASE 6: letters that only look like the voter's are refused or are the voter's own; mail goes to the roll's address."""
    victim = next(each for each in product.voters if "a" in each.email and "i" in each.email)
    look_alikes = [
        victim.email.replace("a", "\u0430"),  # Cyrillic
        victim.email.replace("i", "\u0131"),  # dotless
        victim.email.replace("@", "\uff20") + ".\u0435vil",
        victim.email.replace("a", "a\u0301", 1),
        victim.email.partition("@")[0] + "@xn--" + victim.email.partition("@")[2],
    ]
    product.settled()
    before = len(product.mails())
    for look_alike in look_alikes:
        page = product.browser().post("/", {"email": look_alike})
        if page.step == "MP-2":
            product.browser().ask(look_alike)
        else:
            assert (page.status, page.step) == (422, "MP-1")
    product.settled()
    assert {mail.to for mail in product.mails()[before:]} <= {victim.email}


def test_case_7_forged_host_is_refused(product: Demo, voter: Voter) -> None:
    """CASE 7: a Host that is not ours gets a refusal, whatever the page and the method, and opens no case."""
    port = urlsplit(product.site).port
    hosts = [
        "evil.example",
        f"evil.example:{port}",
        f"127.0.0.1:{port}@evil.example",
        "127.0.0.1.evil.example",
        "",
        "[::1",
    ]
    before = product.rows("SELECT count(*) FROM recoveries")
    for host in hosts:
        for method, path in (("GET", "/"), ("POST", "/"), ("GET", "/lien/" + "A" * 43)):
            answer = exchange(product.site, method, path, {"email": voter.email}, {"Host": host})
            assert answer.status == 400, (host, method, path)
            assert b"evil" not in answer.body
            assert "evil" not in str(answer.headers)
    assert product.rows("SELECT count(*) FROM recoveries") == before


def test_case_7_forged_host_headers_never_enter_a_link(product: Demo, voter: Voter) -> None:
    """CASE 7: X-Forwarded-Host and its like change no link, no redirect and no page."""
    browser = product.browser()
    page = browser.confirm(voter.email)
    forged = {
        "Cookie": browser.cookie,
        "X-Forwarded-Host": "evil.example",
        "X-Host": "evil.example",
        "X-Forwarded-Server": "evil.example",
        "X-Original-URL": "http://evil.example/",
        "Forwarded": "host=evil.example;proto=https",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
    }
    answer = exchange(product.site, "POST", urlsplit(page.url).path, {}, forged)
    assert (answer.status, answer.header("Location")) == (303, MESSAGE)
    mail = product.mail(voter.email)
    assert mail.link.startswith(f"{product.site}/lien/")
    assert b"evil" not in mail.raw
    absolute = raw_request(product.site, "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n")
    assert b" 400 " in absolute.partition(b"\r\n")[0]


def raw_request(site: str, head: str) -> bytes:
    """What comes back for exactly these lines."""
    place = urlsplit(site)
    with closing(socket.create_connection((str(place.hostname), place.port or 0), timeout=10)) as line:
        line.sendall(head.encode() + b"Connection: close\r\n\r\n")
        return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize("language", Language)
def test_case_8_mail_has_two_parts_in_the_voters_language(product: Demo, language: Language) -> None:
    """CASE 8: a text and an HTML part in the voter's language, both with the link; nothing secret in any header."""
    voter = product.new_voter(language)
    product.link(voter)
    mail = product.mail(voter.email)
    assert mail.link in mail.part("html")
    assert f'<html lang="{language}"' in mail.part("html")
    greeting = {"fr": "Bonjour", "en": "Hello"}[language]
    assert f"{greeting} {voter.first_name} {voter.last_name}," in mail.words
    head = mail.raw.partition(b"\r\n\r\n")[0]
    assert mail.token.encode() not in head
    assert {"fr": "mot de passe", "en": "password"}[language] in mail.subject
    assert re.search(rb"(?im)^auto-submitted: auto-generated", head)


FORGED = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "SITE"},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://SITE.evil.example"},
    {"Origin": "SITE.evil.example"},
    {"Origin": "https://evil.example", "Referer": "SITE/"},
    {"Referer": "https://evil.example/SITE"},
    {"Referer": "https://evil.example/?127.0.0.1"},
    {"Referer": "http://127.0.0.1@evil.example/"},
]


@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_case_9_cross_site_posts_do_nothing(product: Demo, campaign: "Campaign", forged: dict[str, str]) -> None:
    """CASE 9: a post made by another site is refused at each step, with a victim's cookies, and nothing moves."""
    headers = {name: value.replace("SITE", product.site) for name, value in forged.items()}
    for path, body, browser in campaign.targets:
        answer = exchange(product.site, "POST", path, body, {**headers, "Cookie": browser.cookie})
        assert (answer.status, answer.page.refusal) == (403, "came-from-elsewhere"), path
        assert answer.header("Set-Cookie") is None
    assert product.epoch(campaign.voter) == 1
    assert campaign.signed_in.get(SPACE).step == "EV-1"
    assert campaign.confirming.get("/mot-de-passe/confirmation").step == "MP-3"


class Campaign:
    """A victim with a browser at every step where a forged post could hurt."""

    def __init__(self, product: Demo) -> None:
        self.voter = product.new_voter()
        self.signed_in = product.give_password(self.voter, "Nuage violet 2018")
        stop_link = product.mail(self.voter.email, count=2).link
        assert self.signed_in.sign_in(self.voter.email, "Nuage violet 2018").step == "EV-1"
        self.confirming, self.stopping = product.browser(), product.browser()
        self.confirming.confirm(self.voter.email)
        stopping = self.stopping.get(stop_link)
        choosing = product.at_choice(self.voter)
        new = {"new_password": "Renard perfide 99", "new_password_again": "Renard perfide 99"}
        self.targets: list[tuple[str, dict[str, str], Browser]] = [
            ("/", {"email": self.voter.email}, product.browser()),
            ("/mot-de-passe/connexion", {"choice": "forgotten"}, self.confirming),
            ("/mot-de-passe/confirmation", {}, self.confirming),
            (CHOOSE, new, choosing),
            (SPACE, {"choice": "sign-out"}, self.signed_in),
            (urlsplit(stopping.url).path, {}, self.stopping),
        ]


@pytest.fixture(scope="module")
def campaign(product: Demo) -> Campaign:
    """Its victim."""
    return Campaign(product)
