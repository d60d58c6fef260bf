"""CASES 7 and 9: the site refuses requests from other sites and requests with a forged host."""

from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.conformance.browser import VoterBrowser, typed_twice
from tests.conformance.product import ASKED, CHANGED, SPACE, FictionalVoter, Product
from tests.conformance.raw_http import PreparedRequest, connection, exchange, send

EVIL = {
    "X-Forwarded-Host": "evil.example",
    "X-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Original-URL": "http://evil.example/",
    "Forwarded": "host=evil.example;proto=https",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
}
FORGED = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "SITE"},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "SCHEME://HOST:1"},
    {"Origin": "SCHEME://x.HOST"},
    {"Origin": "SITE.evil.example"},
    {"Origin": "https://evil.example", "Referer": "SITE/"},
    {"Referer": "https://evil.example/SITE"},
    {"Referer": "https://evil.example/?HOST"},
    {"Referer": "SCHEME://HOST@evil.example/"},
]


def test_case_7_forged_host_is_refused(product: Product, voter: FictionalVoter) -> None:
    """CASE 7: a wrong Host header is refused on every page and method, and the answer does not repeat it."""
    name, port = urlsplit(product.url).hostname, urlsplit(product.url).port or 443
    hosts = ["evil.example", f"evil.example:{port}", f"{name}:{port}@evil.example", f"{name}.evil.example", "", "[::1"]

    for host in hosts:
        for method in ("GET", "POST"):
            answer = exchange(product.url, method, "/", {"email": voter.email}, {"Host": host})
            assert (answer.status, answer.header("Set-Cookie")) == (400, None), (host, method)
            assert "evil" not in answer.body + str(answer.headers)


def test_case_7_forged_host_headers_never_enter_a_link(product: Product, voter: FictionalVoter) -> None:
    """CASE 7: X-Forwarded-Host and similar headers change neither the mailed link nor redirects."""
    browser = product.browser()
    request = browser.prepare_request(browser.go_to_link_request_step(voter.email)).with_headers(EVIL)

    answer = send(product.url, request)
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            browser.store_cookie(value)

    assert answer.status == 303
    assert browser.get(str(answer.header("Location"))).step == "MP-4"
    mail = product.wait_for_mail(voter, ASKED)
    assert str(mail.link).startswith(f"{product.url}/")
    assert "evil" not in mail.text + mail.html + str(answer.headers)


def test_case_7_address_of_another_site_in_the_request_line_is_refused(product: Product) -> None:
    """CASE 7: an absolute URL of another host in the request line is refused."""
    head = b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    with closing(connection(product.url)) as line:
        line.connect()
        line.sock.sendall(head)
        answer = line.sock.recv(65536)

    assert b" 400 " in answer.partition(b"\r\n")[0]


@dataclass
class ForgedPostVictim:
    """A voter with a browser at each step where a forged form could do harm. `targets` are these forms."""

    targets: list[PreparedRequest]
    signed_in: VoterBrowser
    confirming: VoterBrowser
    choosing: VoterBrowser


@pytest.fixture(scope="module")
def victim(product: Product) -> ForgedPostVictim:
    """Return a voter whose browsers are at the steps that forged posts target."""
    voter = product.take_unused_voter()
    signed_in = product.sign_in_new_browser(voter)
    space = signed_in.seen["EV-1"]
    confirming, stopping, choosing = product.browser(), product.browser(), product.browser_at_new_password(voter)
    ways = confirming.go_to_sign_in_step(voter.email)
    confirmation = confirming.submit(ways, {"choice": "forgotten"})
    targets = [
        PreparedRequest("POST", "/", {"email": voter.email}),
        confirming.prepare_request(ways, {"choice": "forgotten"}),
        confirming.prepare_request(confirmation),
        choosing.prepare_request(choosing.seen["MP-6"], typed_twice("Loutre perfide 99")),
        signed_in.prepare_request(space, {"choice": "sign-out"}),
        stopping.prepare_request(stopping.get(str(product.wait_for_mail(voter, CHANGED).link))),
    ]
    return ForgedPostVictim(targets, signed_in, confirming, choosing)


@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_case_9_cross_site_posts_do_nothing(product: Product, victim: ForgedPostVictim, forged: dict[str, str]) -> None:
    """CASE 9: a post from another site with a victim's cookies is refused at each step and changes nothing."""
    place = urlsplit(product.url)
    names = {"SITE": product.url, "SCHEME": place.scheme, "HOST": str(place.hostname)}
    for name, value in names.items():
        forged = {header: text.replace(name, value) for header, text in forged.items()}

    for target in victim.targets:
        kept = {name: value for name, value in target.headers.items() if name == "Cookie"}
        answer = exchange(product.url, "POST", target.path, target.body, {**kept, **forged})
        assert (answer.status, answer.refusal) == (403, "came-from-elsewhere"), target.path
        assert answer.header("Set-Cookie") is None

    assert victim.signed_in.get(SPACE).step == "EV-1"
    assert victim.confirming.get(victim.confirming.seen["MP-3"].url).step == "MP-3"
    assert victim.choosing.get(victim.choosing.seen["MP-6"].url).step == "MP-6"
