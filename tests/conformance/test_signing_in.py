"""Signing in and out, cookies, headers, and what the calendar forbids."""

import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.demo import PARIS
from tests.support.product import (
    CHOOSE,
    MESSAGE,
    SPACE,
    Answer,
    Browser,
    Demo,
    Installation,
    Voter,
    exchange,
    installation,
)

PASSWORD = "Nuage violet 2018"
OTHER_PASSWORD = "Renard roux 2019"
TRIES = 5
DAY = 24 * 3600
NAME = "vote.exemple.fr"


def test_wrong_passwords_wait_but_a_recognised_browser_does_not(product: Demo, voter: Voter) -> None:
    """Five wrong tries from one network, then a pause with its time, even for the right password; the owner's own browser
    still signs in.
    """  # noqa: D205  # one sentence
    own = product.give_password(voter, PASSWORD)
    tries = [product.browser().sign_in(voter.email, f"Faux essai {number}").status for number in range(TRIES + 2)]
    assert tries == [422] * TRIES + [429] * 2
    refused = product.browser().sign_in(voter.email, PASSWORD)
    assert (refused.status, refused.refusal) == (429, "too-many-sign-ins")
    assert 0 < int(str(refused.headers["Retry-After"])) <= 15 * 60
    assert re.search(r"reprennent à \d\d:\d\d", refused.text)
    assert own.sign_in(voter.email, PASSWORD).step == "EV-1"


def test_sign_in_pause_is_the_same_for_unknown_addresses(product: Demo, voter: Voter) -> None:
    """CASE 1: at MP-2 an unknown address, one without a password and one with a password get the same answers and pause."""
    product.give_password(voter, PASSWORD)
    never = product.new_voter()
    answers = []
    for address in (voter.email, never.email, f"zq{voter.email}"):
        pages = [product.browser().sign_in(address, f"Faux essai {number}") for number in range(TRIES + 1)]
        answers.append([(page.status, page.step, page.refusal, words_of(page.text, address)) for page in pages])
    assert answers[0] == answers[1] == answers[2]


def words_of(text: str, address: str) -> str:
    """What does not differ between two visits."""
    return re.sub(r"\d\d:\d\d|[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", "", text.replace(address, "ADDRESS"))


def test_recognised_browser_is_limited_too(product: Demo, voter: Voter) -> None:
    """A recognised browser has its own five tries, and serves no other voter's address."""
    own = product.give_password(voter, PASSWORD)
    tries = [own.sign_in(voter.email, f"Faux essai {number}").status for number in range(TRIES + 1)]
    assert tries == [422] * TRIES + [429]
    other = product.new_voter()
    product.give_password(other, PASSWORD)
    strange = [own.sign_in(other.email, f"Faux essai {number}").status for number in range(TRIES + 1)]
    assert strange == [422] * TRIES + [429]


def test_sign_in_tries_are_counted_under_one_spelling(product: Demo, voter: Voter) -> None:
    """Other spellings of the address share the tries."""
    product.give_password(voter, PASSWORD)
    spellings = [voter.email, voter.email.upper(), f" {voter.email} ", f"mailto:{voter.email}", voter.email.title()]
    assert {product.browser().sign_in(spelling, "Faux essai 1").status for spelling in spellings} == {422}
    assert product.browser().sign_in(voter.email, PASSWORD).status == 429


def test_session_ends_on_the_server_when_signing_out(product: Demo, voter: Voter) -> None:
    """After "Se déconnecter" a copy of the cookie opens nothing."""
    browser = product.give_password(voter, PASSWORD)
    assert browser.sign_in(voter.email, PASSWORD).step == "EV-1"
    copy = {"Cookie": f"session={browser.held['session']}"}
    assert exchange(product.site, "GET", SPACE, headers=copy).status == 200
    assert browser.post(SPACE, {"choice": "sign-out"}).step == "MP-1"
    assert "session" not in browser.held
    assert exchange(product.site, "GET", SPACE, headers=copy).page.refusal == "sign-in-needed"


def test_session_fixation(product: Demo, voter: Voter) -> None:
    """A session id planted before signing in is replaced by a new one, and opens nothing."""
    product.give_password(voter, PASSWORD)
    planted = "A" * 43
    first = exchange(product.site, "POST", "/", {"email": voter.email}, {"Cookie": f"session={planted}"})
    case = cookies_of(first)["case"].value
    held = {"Cookie": f"session={planted}; case={case}"}
    typed = {"choice": "sign-in", "password": PASSWORD}
    signed = exchange(product.site, "POST", str(first.header("Location")), typed, held)
    assert signed.header("Location") == SPACE
    given = cookies_of(signed)["session"].value
    product.secrets.add(given)
    assert given != planted
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", given)
    assert exchange(product.site, "GET", SPACE, headers={"Cookie": f"session={planted}"}).status == 403
    assert cookies_of(signed)["case"].value == ""


def cookies_of(answer: Answer) -> SimpleCookie:
    """All that a response sets."""
    jar = SimpleCookie()
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            jar.load(value)
    return jar


def journey(site: str, host: str, link: str, voter: Voter) -> list[Answer]:
    """Every response of a whole recovery, the refusals on the way included. Each cookie is sent back as a browser would."""
    jar: dict[str, str] = {}
    answers: list[Answer] = []

    def go(method: str, path: str, typed: dict[str, str] | None = None) -> Answer:
        headers = {"Host": host, "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        answers.append(exchange(site, method, path, typed, headers))
        jar.update({name: morsel.value for name, morsel in cookies_of(answers[-1]).items()})
        return answers[-1]

    twice = dict.fromkeys(("new_password", "new_password_again"), PASSWORD)
    go("GET", "/?lang=fr")
    go("GET", urlsplit(link).path)
    go("POST", CHOOSE, {"new_password": "x", "new_password_again": "x"})
    assert go("POST", CHOOSE, twice).status == 303
    go("POST", "/", {"email": voter.email})
    assert go("POST", "/mot-de-passe/connexion", {"choice": "sign-in", "password": PASSWORD}).status == 303
    assert go("GET", SPACE).status == 200
    go("POST", SPACE, {"choice": "sign-out"})
    return answers


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A site whose address is https, as behind a proxy."""
    with installation(tmp_path_factory.mktemp("https") / "election") as made:
        made.variables["RETROUVE_ELECTION__SITE"] = f"https://{NAME}"
        for name in ("mailbox", "courier", "serve"):
            made.start(name)
        yield made


def ask_at(made: Installation, voter: Voter) -> str:
    """A link, asked for over the proxy's connection."""
    held = {"Host": NAME}
    first = exchange(made.site, "POST", "/", {"email": voter.email}, held)
    cookie = str(first.header("Set-Cookie")).partition(";")[0]
    for path, typed in (("/mot-de-passe/connexion", {"choice": "forgotten"}), ("/mot-de-passe/confirmation", {})):
        assert exchange(made.site, "POST", path, typed, {**held, "Cookie": cookie}).status == 303
    return made.mail(voter.email).link


def test_cookies_of_an_https_site_are_secure_and_bound_to_the_host(https: Installation) -> None:
    """On https every cookie is `__Host-`, Secure, HttpOnly, SameSite=Lax, for the whole site; links are https."""
    voter = https.new_voter()
    link = ask_at(https, voter)
    assert link.startswith(f"https://{NAME}/lien/")
    answers = journey(https.site, NAME, link, voter)
    morsels = [morsel for answer in answers for morsel in cookies_of(answer).values()]
    assert {morsel.key for morsel in morsels} == {
        f"__Host-{name}" for name in ("lang", "link", "device", "case", "session")
    }
    for morsel in morsels:
        assert (morsel["path"], bool(morsel["secure"]), bool(morsel["httponly"])) == ("/", True, True)
        assert (morsel["samesite"], morsel["domain"]) == ("Lax", "")
    assert {answer.header("Strict-Transport-Security") is not None for answer in answers} == {True}


def test_https_site_refuses_posts_of_its_own_name_on_http(https: Installation) -> None:
    """CASE 9: an Origin that is the site's name but another port or a subdomain is another site."""
    for origin in (f"https://{NAME}:8443", f"https://x.{NAME}", f"https://{NAME}.evil.example"):
        answer = exchange(https.site, "POST", "/", {"email": "a@b.example"}, {"Host": NAME, "Origin": origin})
        assert answer.page.refusal == "came-from-elsewhere"


def test_cookies_of_an_http_demo_are_out_of_reach_of_scripts(product: Demo, voter: Voter) -> None:
    """On the demo's http cookies are HttpOnly and SameSite=Lax, and hold nothing that can be read."""
    link = product.link(voter)
    answers = journey(product.site, str(urlsplit(product.site).netloc), link, voter)
    morsels = [morsel for answer in answers for morsel in cookies_of(answer).values()]
    assert {morsel.key for morsel in morsels} == {"lang", "link", "device", "case", "session"}
    for morsel in morsels:
        assert (bool(morsel["httponly"]), morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
        assert voter.email.partition("@")[0] not in morsel.value
    assert all(answer.header("Strict-Transport-Security") is None for answer in answers)


EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'",
}
REQUESTS = [
    ("GET", "/", None, {}, 200),
    ("HEAD", "/", None, {}, 200),
    ("GET", MESSAGE, None, {}, 303),
    ("GET", SPACE, None, {}, 403),
    ("GET", CHOOSE, None, {}, 404),
    ("GET", "/nulle-part", None, {}, 404),
    ("GET", "/static/absent.css", None, {}, 404),
    ("GET", "/static/retrouve.css", None, {}, 200),
    ("GET", "/lien/" + "A" * 43, None, {}, 404),
    ("GET", "/lien/x", None, {}, 404),
    ("GET", "/pas-moi/x", None, {}, 303),
    ("GET", "/healthz", None, {}, 200),
    ("GET", "/readyz", None, {}, 200),
    ("GET", "/demo", None, {}, 200),
    ("GET", "/demo/voters.json", None, {}, 200),
    ("GET", "/?lang=en", None, {}, 302),
    ("GET", "/.well-known/change-password", None, {}, 302),
    ("PUT", "/", None, {}, 405),
    ("OPTIONS", "/", None, {}, 200),
    ("POST", "/", {"email": ""}, {}, 422),
    ("POST", "/", {"email": "a" * 20_000}, {}, 413),
    ("POST", "/", {"email": "a@b.example"}, {"Origin": "https://evil.example"}, 403),
    ("GET", "/", None, {"Host": "evil.example"}, 400),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: f"{each[4]} {each[0]} {each[1][:24]}")
def test_security_headers_on_every_response(
    product: Demo, request_: tuple[str, str, dict[str, str] | None, dict[str, str], int]
) -> None:
    """Every response, errors and redirects included, carries the security headers and lets nothing be framed."""
    method, path, body, headers, status = request_
    answer = exchange(product.site, method, path, body, headers)
    assert answer.status == status
    for name, value in EVERYWHERE.items():
        assert str(answer.header(name)).startswith(value), name
    policy = str(answer.header("Content-Security-Policy"))
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert str(answer.header("Referrer-Policy")) in {"same-origin", "no-referrer"}
    assert answer.header("X-Frame-Options") == "DENY"
    if not path.startswith("/static/r"):
        assert "no-store" in str(answer.header("Cache-Control"))
    if status == 405:
        assert "POST" in str(answer.header("Allow"))


def at_offset(made: Installation, seconds: int) -> None:
    """Starts the site that much later or earlier."""
    if "serve" in made.parts:
        made.stop("serve")
    made.start("serve", RETROUVE_CLOCK_OFFSET_SECONDS=str(seconds))


def test_calendar_forbids_before_the_opening_and_after_the_close(parts: Installation) -> None:
    """Before the opening and after the close, asking, choosing and signing in are refused with the dates; stopping never."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    voter, late = parts.new_voter(), parts.new_voter()
    parts.give_password(voter, PASSWORD)
    notice = parts.mail(voter.email, count=2)
    choosing = parts.at_choice(late)
    dates = tomllib.loads((parts.folder / "election.toml").read_text(encoding="utf-8"))["election"]
    asks = "SELECT count(*) FROM outbox WHERE kind = 'ask'"
    for offset, refusal, date in (
        (-2 * DAY, "not-yet-open", "recovery_opens"),
        (15 * DAY, "vote-closed", "vote_closes"),
    ):
        at_offset(parts, offset)
        before = parts.rows(asks)
        refused = parts.browser().ask(voter.email), parts.browser().sign_in(voter.email, PASSWORD)
        for page in refused:
            assert (page.status, page.refusal) == (403, refusal)
            assert f"{dates[date].day} " in page.text
            assert f"{dates[date]:%H:%M}" in page.text
            assert "01 99 00 12 34" in page.text
        assert f"{dates[date]:%H:%M}" in parts.browser().get("/").text
        assert parts.rows(asks) == before
    assert choosing.choose(PASSWORD).refusal in {"vote-closed", "link-unknown", "link-expired"}
    assert parts.epoch(late) == 0
    stopping = parts.browser()
    page = stopping.get(notice.link)
    assert page.step == "ST-1"
    assert stopping.post(page.url).step == "ST-2"


def test_last_minutes_are_announced_and_links_end_at_the_close(parts: Installation) -> None:
    """Rule 10: in the last minutes each page says so, and a link asked for then is valid until the close, no longer."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    closes = tomllib.loads((parts.folder / "election.toml").read_text(encoding="utf-8"))["election"]["vote_closes"]
    left = closes.replace(tzinfo=PARIS) - datetime.now(PARIS)
    at_offset(parts, int(left.total_seconds()) - 20 * 60)
    voter = parts.new_voter()
    page = parts.browser().ask(voter.email)
    assert f"Le vote se termine à {closes:%H:%M}" in page.text
    assert f"valable jusqu'à {closes:%H:%M}" in page.text


def test_language_choice_keeps_to_the_same_site(product: Demo) -> None:
    """The language switch never leads to another site, whatever the path."""
    for path in (
        "//evil.example/?lang=en",
        "///evil.example?lang=en",
        "/%5Cevil.example/?lang=en",
        "/%2F/evil.example?lang=en",
    ):
        location = exchange(product.site, "GET", path).header("Location")
        assert not re.match(r"(https?:)?[/\\]{2}(?!127\.0\.0\.1)", str(location)), path


def test_english_site_speaks_english(product: Demo, voter: Voter) -> None:
    """Having chosen English one reads it on every page, refusals included."""
    browser: Browser = product.browser()
    assert 'lang="en"' in browser.get("/?lang=en").body
    page = browser.ask(voter.email)
    assert 'lang="en"' in page.body
    assert 'lang="en"' in browser.get("/nulle-part").body


def test_no_file_of_the_installation_is_served(product: Demo) -> None:
    """The folder's files are not reachable over HTTP."""
    for name in ("master.key", "election.toml", "retrouve.sqlite3", "voters.json"):
        for prefix in ("/", "/static/", "/static/..%2f", "/static/%2e%2e/", "/demo/"):
            answer = exchange(product.site, "GET", prefix + name)
            assert answer.status in {404, 405} or prefix + name == "/demo/voters.json", prefix + name
    assert Path(product.folder / "master.key").stat().st_mode & 0o077 == 0
