"""Tests of the lifetime of a visit's cookies."""

from http.cookies import SimpleCookie

from flask import Response

from tests.support.election import visit
from tests.support.worlds import World
from webhook.visit_cookie import COOKIES, VisitCookies


def test_the_session_ends_with_the_browser(world: World) -> None:
    """A session cookie has no lifetime of its own, since computers are shared; the other cookies have one."""
    response = Response()
    VisitCookies(world.services).set_cookies(response, visit(), visit(**dict.fromkeys(COOKIES, "x" * 43)))

    (session, *others) = sorted(
        (morsel for header in response.headers.getlist("Set-Cookie") for morsel in SimpleCookie(header).values()),
        key=lambda morsel: morsel.key != "__Host-session",
    )

    assert (session.key, session["max-age"], session["expires"]) == ("__Host-session", "", "")
    assert len(others) == len(COOKIES) - 1
    assert all(int(morsel["max-age"]) > 0 for morsel in others)
