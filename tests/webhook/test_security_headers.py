"""Tests that no request can break a response header or lead a browser to another site, and how long cookies last."""

import re
from dataclasses import replace
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from flask import Response
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from werkzeug.http import dump_cookie
from werkzeug.test import TestResponse

from core.app.settings.sections import InstitutionSection
from core.forms import errors
from core.policy.policy import Policy
from core.text.text import Language
from core.text.urls import HELP_PATH, LINK_PATH, STOP_PATH
from tests.support.election import visit
from tests.support.worlds import World, sample_settings
from tests.support.worlds import world as world_of
from webhook.page_frame_rendering import INSTITUTION_LOGO_PATH
from webhook.site_application import create_site
from webhook.visit_cookie import COOKIES, VisitCookies

SITE = str(sample_settings().election.site)
LANGUAGE_LINK = re.compile(r'href="([^"]*)\?lang=en"')


def dump(value: str) -> str:
    """Quote a cookie's value as the site does."""
    return dump_cookie("x", value).partition("=")[2].partition("; Path")[0]


@pytest.fixture
def client(world: World) -> FlaskClient:
    return create_site(world.services).test_client(use_cookies=False)


def get(client: FlaskClient, path: str, query: str = "", connection: str = "https", **headers: str) -> TestResponse:
    """Request a path exactly as it is written, without quoting it."""
    given = {"PATH_INFO": path.encode().decode("latin-1"), "wsgi.url_scheme": connection}
    return client.get("/", base_url=SITE, query_string=query, headers=headers, environ_overrides=given)


@pytest.mark.parametrize("logo", [b"", b"<svg/>"])
def test_a_logo_is_served_by_the_site_and_cached(world: World, tmp_path: Path, logo: bytes) -> None:
    """Without a logo, the page contains the name in letters, and nothing is served."""
    (tmp_path / "logo.svg").write_bytes(logo)
    section = InstitutionSection(name="Académie", logo=Path("logo.svg") if logo else None).with_logo_from(tmp_path)
    chosen = world.services.settings.model_copy(update={"institution": section})
    client = create_site(replace(world.services, settings=chosen)).test_client()

    page = client.get("/", base_url=SITE).get_data(as_text=True)
    answer = client.get(f"{INSTITUTION_LOGO_PATH}?v={section.logo_version}", base_url=SITE)

    assert ('alt="Académie"' in page, "<span>Académie</span>" in page) == (bool(logo), not logo)
    assert answer.status_code == (HTTPStatus.OK if logo else HTTPStatus.NOT_FOUND)
    if logo:
        assert f'src="{INSTITUTION_LOGO_PATH}?v={section.logo_version}"' in page
        assert (answer.content_type, answer.data) == ("image/svg+xml", logo)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_one_button_corrects_a_mistyped_address(world: World) -> None:
    """Without the question "Did you mean …?", the page has no such button."""
    suggesting = world_of(world.kept, address_domains=("ac-lille.fr",))
    client = create_site(suggesting.services).test_client()
    own = {"base_url": SITE, "headers": {"Origin": SITE}, "follow_redirects": True}

    asked = client.post("/", data={"email": "Nobody@ac-lile.fr"}, **own).get_data(as_text=True)
    (meant,) = re.findall(r'<form id="suggestion"[^>]*action="/" hidden>\s*<input [^>]*value="([^"]*)"', asked)
    corrected = client.post("/", data={"email": meant}, **own).get_data(as_text=True)

    assert meant == "Nobody@ac-lille.fr"
    assert ['form="suggestion"' in page for page in (asked, corrected)] == [True, False]
    assert "ac-lille.fr" in corrected


def leads_within(place: str) -> bool:
    """Return whether a browser that follows this link stays on the site."""
    return place.startswith(f"{SITE}/") or re.match(r"/(?![/\\])", place) is not None


def test_a_line_break_in_a_path_ends_no_header(client: FlaskClient) -> None:
    """A path with a line break gives the page "not found" and no additional header."""
    answer = get(client, "/x\r\nY:z", "lang=en")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "Y" not in answer.headers


def test_a_wrapped_link_is_a_damaged_one(client: FlaskClient) -> None:
    answer = get(client, f"{LINK_PATH}x\r\ny", "lang=en")
    assert f'name="refusal" content="{errors.LinkDamaged.id}"' in answer.get_data(as_text=True)


def test_a_choice_of_language_keeps_the_path(client: FlaskClient) -> None:
    """Choosing a language leads back to the same path, which is quoted."""
    answer = get(client, "/été/a b?c", "lang=en")
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.FOUND, quote("/été/a b?c"))


def test_the_language_link_of_a_page_stays_on_the_site(client: FlaskClient) -> None:
    """Browsers treat a backslash as a slash and ignore tabs."""
    for path in ("/\\elsewhere.example/", "//elsewhere.example/", "/\t/elsewhere.example/"):
        answer = get(client, path)

        assert answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.PERMANENT_REDIRECT}, path
        links = LANGUAGE_LINK.findall(answer.get_data(as_text=True))
        assert all(leads_within(each) for each in [*links, answer.headers.get("Location", "/")]), path


def test_a_redirect_behind_tls_stays_on_tls(client: FlaskClient) -> None:
    """The proxy connects over plain HTTP, but the browser uses HTTPS."""
    for path in (HELP_PATH.rstrip("/"), f"{HELP_PATH}/a//b", "/static//x"):
        answer = get(client, path, "x=1", connection="http")

        assert answer.status_code == HTTPStatus.PERMANENT_REDIRECT, path
        assert answer.headers["Location"].startswith(f"https://{urlsplit(SITE).netloc}/"), path


PATHS = st.sampled_from(
    [
        "/",
        "//",
        HELP_PATH,
        HELP_PATH.rstrip("/"),
        LINK_PATH,
        STOP_PATH,
        "/demo",
        "/static/",
        "/mot-de-passe/",
        "/sms/report/",
    ]
)
ODD = st.text(st.sampled_from("\r\n\0\t \\/%?#:;=@&.xé\u2028\u0085\ud83d\udc4d"), max_size=12).map(
    lambda text: text.encode("utf-8", "ignore").decode()
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=PATHS,
    rest=ODD | st.text(st.characters(codec="utf-8"), max_size=12),
    query=st.sampled_from(["", "lang=en", "lang=fr&lang=en"]),
)
@example("/", "x\r\nY:z", "lang=en")
@example("//", "elsewhere.example/", "lang=en")
def test_no_path_fails_or_leads_elsewhere(client: FlaskClient, path: str, rest: str, query: str) -> None:
    """Whatever the path contains, headers have no line break, and redirects and links stay on the site."""
    assume((path + rest).strip("/") != "readyz")  # it examines the host, and says 503 where it is not ready
    answer = get(client, path + rest, query)

    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    assert not any(re.search(r"[\r\n]", name + value) for name, value in answer.headers)
    assert leads_within(answer.headers.get("Location", "/"))
    assert all(leads_within(each) for each in LANGUAGE_LINK.findall(answer.get_data(as_text=True)))


NAMES = ("Host", "Origin", "Referer", "Cookie", "X-Forwarded-For", "Sec-Fetch-Site", "Authorization", "Content-Length")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), value=ODD)
@example("Cookie", "lang=é")
def test_no_header_of_a_request_fails(client: FlaskClient, name: str, value: str) -> None:
    answer = get(client, "/mot-de-passe/demande", **{name: re.sub(r"[\r\n]", "", value)})

    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(COOKIES), value=ODD.map(dump), path=st.sampled_from(["/espace/accueil", "/pas-moi/x"]))
def test_no_cookie_fails(client: FlaskClient, name: str, value: str, path: str) -> None:
    answer = get(client, path, Cookie=f"__Host-{name}={value}")

    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR


def test_a_head_request_is_answered_with_the_headers_alone(client: FlaskClient) -> None:
    """Status and length are those of GET. A body would be taken for the next response."""
    for path in ("/", "/mot-de-passe/connexion", "/nowhere", "/static/retrouve.css"):
        page = client.get(path, base_url=SITE, buffered=True)
        head = client.head(path, base_url=SITE, buffered=True)

        assert (head.status_code, head.headers["Content-Length"]) == (page.status_code, str(len(page.data))), path
        assert head.data == b"", path


def test_the_session_ends_with_the_browser(world: World) -> None:
    """Only the session cookie has no lifetime. Other cookies last as long as the privacy notice says."""
    response, cookies = Response(), VisitCookies(world.services)
    cookies.set_cookies(response, visit(), visit(**dict.fromkeys(COOKIES, "x" * 43)))
    cookies.keep_language(response, Language.ENGLISH)

    (session, *others) = sorted(
        (morsel for header in response.headers.getlist("Set-Cookie") for morsel in SimpleCookie(header).values()),
        key=lambda morsel: morsel.key != "__Host-session",
    )

    assert (session.key, session["max-age"], session["expires"]) == ("__Host-session", "", "")
    lives = {morsel.key.removeprefix("__Host-"): int(morsel["max-age"]) for morsel in others}
    longest = Policy().device_days * 24 * 60 * 60
    assert lives.keys() == {*COOKIES, "lang"} - {"session"}
    assert {name for name, life in lives.items() if life == longest} == {"lang", "device"}
    assert 0 < min(lives.values()) < max(lives.values()) == longest
