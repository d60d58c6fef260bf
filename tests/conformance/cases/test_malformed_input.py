"""CASES 5 and 6: the site refuses malformed addresses, passwords and requests."""

from urllib.parse import quote, urlsplit

import pytest

from tests.conformance.product import ASKED, SPACE, FictionalVoter, Product
from tests.conformance.raw_http import FORM, exchange

MEGABYTE = 1024 * 1024
MULTIPART = "multipart/form-data; boundary=x"
UNREADABLE = {
    "nothing": "",
    "empty": "email=",
    "spaces": "email=%20%09",
    "ten kilobytes": f"email={'a' * 10_000}@ac-lumiere.example",
    "a line break": "email=VOTER%0D%0ABcc: x@evil.example",
    "a bare line feed": "email=x%0AVOTER",
    "two addresses": "email=VOTER,x@evil.example",
    "two addresses, semicolon": "email=VOTER;x@evil.example",
    "two addresses, space": "email=VOTER%20x@evil.example",
    "a name and an address": "email=Camille <VOTER>",
    "a list": "email[]=VOTER",
    "a repeated field": "email=VOTER&email=x@evil.example",
    "a repeated field, twice the same": "email=VOTER&email=VOTER",
    "a thousand fields": "a=1&" * 2000,
    "bad percent-encoding": "email=%ZZ%4",
    "a NUL": "email=VOTER%00",
    "bytes that are not UTF-8": "email=camille\xff\xfe@ac-lumiere.example",
    "encoded bytes that are not UTF-8": "email=%FF%FE%FF",
    "a lone surrogate": "email=%ED%A0%80",
    "a right-to-left override": "email=camille%E2%80%AE@ac-lumiere.example",
    "a zero-width space": "email=cam%E2%80%8Bille.martin@ac-lumiere.example",
    "markup": "email=<script>alert(1)</script>@x.example",
    "a quoted local part": 'email="a b"@ac-lumiere.example',
    "a comment": "email=camille.martin(x)@ac-lumiere.example",
    "a percent hack": "email=camille.martin%2525evil.example@ac-lumiere.example@evil.example",
    "an address literal": "email=camille@[127.0.0.1]",
}
"""Bodies of malformed forms. VOTER is replaced by an address on the roll."""
OF_OTHER_KINDS = {
    "JSON": ("application/json", '{"email": "VOTER"}'),
    "JSON with a list": ("application/json", '{"email": ["VOTER", "x@evil.example"]}'),
    "text": ("text/plain", "email=VOTER"),
    "an empty multipart": (MULTIPART, ""),
    "a multipart without boundary": ("multipart/form-data", "--x\r\n"),
    "a broken multipart": (MULTIPART, "--x\r\nContent-Disposition: form-data; name"),
    "a file": (
        MULTIPART,
        '--x\r\nContent-Disposition: form-data; name="email"; filename="e"\r\n\r\nVOTER\r\n--x--\r\n',
    ),
    "two hundred parts": (MULTIPART, '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' * 200 + "--x--\r\n"),
}
TOO_LARGE = {"a megabyte": "email=", "a megabyte elsewhere": "email=VOTER&x="}
SENT = [
    *(pytest.param(FORM, body, id=name) for name, body in UNREADABLE.items()),
    *(pytest.param(*sent, id=name) for name, sent in OF_OTHER_KINDS.items()),
]
ODD = [b"", b"=", b"%00", b"%FF", b"a" * 5_000, b"%ED%A0%80" * 8, b"%0D%0ASet-Cookie:x=1", b"\xff" * 30]


@pytest.fixture(scope="module")
def voter_with_only_malformed_requests(product: Product) -> FictionalVoter:
    """Return a voter for whom the tests send only malformed input."""
    return product.take_unused_voter()


@pytest.mark.parametrize(("kind", "body"), SENT)
def test_case_5_what_is_no_address_is_refused_clearly(
    product: Product, voter_with_only_malformed_requests: FictionalVoter, kind: str, body: str
) -> None:
    """CASE 5: if the input is not exactly one address, MP-1 is shown again with an error, and the input is escaped."""
    sent = body.replace("VOTER", voter_with_only_malformed_requests.email).encode("latin-1")

    page = exchange(product.url, "POST", "/", sent, {"Content-Type": kind})

    assert (page.status, page.step) == (422, "MP-1")
    assert "Erreur" in page.text
    assert "<script>alert" not in page.body


@pytest.mark.parametrize("body", TOO_LARGE.values(), ids=TOO_LARGE)
def test_case_5_what_is_too_large_is_refused_clearly(
    product: Product, voter_with_only_malformed_requests: FictionalVoter, body: str
) -> None:
    """CASE 5: a field with a megabyte of text is refused as too large."""
    sent = body.replace("VOTER", voter_with_only_malformed_requests.email).encode() + b"a" * MEGABYTE

    page = exchange(product.url, "POST", "/", sent)

    assert (page.status, page.refusal) == (413, "too-large")


def test_case_5_no_unreadable_address_gets_mail(
    product: Product, voter_with_only_malformed_requests: FictionalVoter
) -> None:
    """CASE 5: a malformed address causes no mail, neither to the voter nor to another address."""
    product.wait_until_all_messages_sent()

    assert product.messages(voter_with_only_malformed_requests.email) == product.messages("x@evil.example") == []


def test_case_5_what_is_no_password_is_refused_clearly(product: Product, voter: FictionalVoter) -> None:
    """CASE 5: after a malformed password, MP-6 is shown again, and the link still works."""
    browser = product.browser_at_new_password(voter)
    request = browser.prepare_request(browser.seen["MP-6"])

    for each in ODD:
        wrong = b"new_password=" + each + b"&new_password_again=" + each
        page = exchange(product.url, "POST", request.path, wrong, request.headers)
        assert (page.status, page.step) == (422, "MP-6"), each

    assert browser.submit_new_password("Nuage violet 2018").step == "MP-7"


def test_case_5_odd_passwords_and_choices_get_no_5xx(product: Product, voter: FictionalVoter) -> None:
    """CASE 5: odd passwords and choices at MP-2 never cause a server error."""
    product.request_link(voter)
    browser = product.browser()
    request = browser.prepare_request(browser.go_to_sign_in_step(voter.email))

    for each in ODD[:4]:
        page = exchange(product.url, "POST", request.path, b"choice=sign-in&password=" + each, request.headers)
        assert (page.status, page.step) == (422, "MP-2"), each
    for choice in (b"", b"choice=x", b"choice=sign-in&choice=forgotten", b"choice[]=forgotten"):
        assert exchange(product.url, "POST", request.path, choice, request.headers).status in {400, 422}, choice


def test_case_5_odd_requests_never_end_in_an_error_of_the_server(product: Product, voter: FictionalVoter) -> None:
    """CASE 5: odd paths, methods, cookies and headers get a page and never a server error."""
    browser = product.sign_in_new_browser(voter)
    head = urlsplit(str(product.wait_for_mail(voter, ASKED).link).rpartition("/")[0]).path
    choice = urlsplit(browser.seen["MP-6"].url).path
    long = "AAAA" * 400
    cookies = "; ".join(f"{name}=%00\xff" for name in browser.held)
    requests = [
        *(("GET", path, {}) for path in ("/%00", "/%ff%fe", "//evil.example/..%2f", "/?lang=xx&lang=en")),
        *(("GET", head + rest, {}) for rest in ("/%00%ff", f"/{long}", "/" + quote("é" * 300))),
        *(("GET", f"/static/{rest}election.toml", {}) for rest in ("../../", "%2e%2e/%2e%2e/")),
        *((method, "/", {}) for method in ("OPTIONS", "PUT")),
        ("DELETE", SPACE, {}),
        ("POST", head + "/" + "A" * 43, {}),
        *(("GET", path, {"Cookie": cookies}) for path in ("/", choice, SPACE)),
        ("GET", SPACE, {"Cookie": "; ".join(f"{name}={long}" for name in browser.held)}),
        ("GET", "/", {"Accept-Language": long, "Referer": "http://[::1"}),
        *(("POST", "/", {"Origin": origin}) for origin in ("http://[::1", "\xff")),
        ("POST", "/", {"Referer": "http://[::1/x"}),
        ("POST", "/", {"X-Forwarded-For": "," * 500}),
        ("POST", "/", {"Content-Type": "multipart/form-data; boundary=" + "b" * 200}),
    ]

    for method, path, headers in requests:
        assert exchange(product.url, method, path, None, headers).status < 500, (method, path, headers)


def test_case_6_look_alike_address_never_receives_anothers_mail(product: Product) -> None:
    """CASE 6: a look-alike address is refused or treated as the voter's own, and no other mailbox gets mail."""
    victim = next(each for each in product.all_voters if "a" in each.email and "i" in each.email)
    local, _, domain = victim.email.partition("@")
    look_alikes = [
        victim.email.replace("a", "\u0430"),  # Cyrillic
        victim.email.replace("i", "\u0131"),  # dotless
        f"{local}\uff20{domain}.\u0435vil",
        victim.email.replace("a", "a\u0301", 1),
        f"{local}@xn--{domain}",
    ]

    for look_alike in look_alikes:
        browser = product.browser()
        page = browser.go_to_sign_in_step(look_alike)
        if page.step == "MP-2":
            browser.ask_for_link_mail(look_alike)
        else:
            assert (page.status, page.step) == (422, "MP-1")

    product.wait_until_all_messages_sent()
    assert [product.messages(look_alike) for look_alike in look_alikes] == [[]] * len(look_alikes)
