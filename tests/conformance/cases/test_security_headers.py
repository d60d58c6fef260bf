"""Every response has security headers, and files of the installation are not served."""

import re
from urllib.parse import urlsplit

import pytest

from tests.conformance.product import SPACE, Product
from tests.conformance.raw_http import exchange
from tests.conformance.response_comparison import missing_security_headers

EMAIL = {"email": "a@b.example"}
REQUESTS = [
    ("GET", "/", None, {}, 200),
    ("HEAD", "/", None, {}, 200),
    ("GET", SPACE, None, {}, 403),
    ("GET", "/nulle-part", None, {}, 404),
    ("GET", "STYLE", None, {}, 200),
    ("GET", "STYLE.absent", None, {}, 404),
    ("GET", "/.well-known/change-password", None, {}, 302),
    ("PUT", "/", None, {}, 405),
    ("OPTIONS", "/", None, {}, 200),
    ("POST", "/", EMAIL, {}, 303),
    ("POST", "/", {"email": ""}, {}, 422),
    ("POST", "/", {"email": "a" * 20_000}, {}, 413),
    ("POST", "/", EMAIL, {"Origin": "https://evil.example"}, 403),
    ("GET", "/", None, {"Host": "evil.example"}, 400),
]


@pytest.mark.parametrize("sent", REQUESTS, ids=lambda sent: f"{sent[4]} {sent[0]} {sent[1]}")
def test_security_headers_on_every_response(
    product: Product, sent: tuple[str, str, dict[str, str] | None, dict[str, str], int]
) -> None:
    """Every response has the security headers, including errors and redirects. It cannot be framed or cached."""
    method, path, body, headers, status = sent
    style = urlsplit(product.browser().get("/").links_by_language_or_relation["stylesheet"]).path

    answer = exchange(product.url, method, path.replace("STYLE", style), body, headers)

    assert answer.status == status
    assert missing_security_headers(answer, kept=path == "STYLE") == []
    assert status != 405 or "POST" in str(answer.header("Allow"))


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example", "/%5Cevil.example/", "/%2F/evil.example"])
def test_language_switch_never_leads_to_another_site(product: Product, path: str) -> None:
    """The language switch never leads to another site, whatever the path."""
    location = exchange(product.url, "GET", f"{path}?lang=en").header("Location")

    assert not re.match(rf"(https?:)?[/\\]{{2}}(?!{urlsplit(product.url).hostname})", str(location))


def test_no_file_of_the_installation_is_served(product: Product) -> None:
    """No path of the site serves keys, settings or databases."""
    for name in ("master.key", "election.toml", "retrouve.sqlite3", "roll.csv", ".env", ".git/config"):
        for prefix in ("/", "/static/", "/static/..%2f", "/static/%2e%2e/", "/demo/"):
            assert exchange(product.url, "GET", prefix + name).status in {404, 405}, prefix + name
