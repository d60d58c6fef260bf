"""Tests of the lifetime of a visit's cookies."""

from http.cookies import SimpleCookie

from flask import Response

from core.policy.policy_and_calendar import Policy
from core.text.text import Language
from tests.support.election import visit
from tests.support.worlds import World
from webhook.visit_cookie import COOKIES, VisitCookies


def test_the_session_ends_with_the_browser(world: World) -> None:
    """A session cookie has no lifetime of its own, since computers are shared; two of the others last longest, as the notice says."""
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
