"""Reads and writes the cookies of a visit."""

from datetime import timedelta
from typing import TypedDict

import msgspec
from flask import Request
from werkzeug.wrappers import Response

from core.app.services import Services
from core.flows.flow_handler import PENDING_LIFE, Visit
from core.security import key_purposes, tokens
from core.text.text import Language
from webhook.request_origin import network_of

LINK_COOKIE_LIFE = timedelta(hours=1)
"""How long a cookie with an emailed token stays valid."""
COOKIES = ("case", "pending", "link", "confirmation", "contact", "stop", "session", "device")
SEALED_HERE = frozenset({"link", "confirmation"})
"""Names of the cookies that contain a sealed token from an emailed link."""
LANGUAGE_COOKIE = "lang"
LANGUAGES = frozenset(Language)


class CookieAttributes(TypedDict):
    secure: bool
    httponly: bool
    samesite: str


class LinkCookie(msgspec.Struct, frozen=True, array_like=True):
    """Content of a cookie with an emailed token. `expires` is a Unix time."""

    token: str
    expires: int


class VisitCookies:
    def __init__(self, services: Services) -> None:
        self._services = services
        secure = services.dependencies.election.site.startswith("https:")
        self._prefix = "__Host-" if secure else ""
        self._attributes: CookieAttributes = {"secure": secure, "httponly": True, "samesite": "Lax"}
        self._names = [(name, self._prefix + name) for name in COOKIES]
        policy = services.dependencies.policy
        as_long_as_a_link = timedelta(minutes=policy.link_valid_minutes)
        self._lives: dict[str, timedelta | None] = {
            "case": as_long_as_a_link,
            "pending": PENDING_LIFE,
            "link": LINK_COOKIE_LIFE,
            "confirmation": LINK_COOKIE_LIFE,
            "contact": as_long_as_a_link,
            "stop": as_long_as_a_link,
            "session": None,  # until the browser closes; the database may end the session earlier
            "device": timedelta(days=policy.device_days),
        }

    def visit(self, request: Request) -> Visit:
        cookies = request.cookies
        values = {name: cookies[cookie] for name, cookie in self._names if cookie in cookies}
        opening, chosen = values.get("link"), cookies.get(self._prefix + LANGUAGE_COOKIE)
        for name in SEALED_HERE & values.keys():
            values[name] = self._open_link(values[name])  # type: ignore[assignment]  # None if the cookie is not valid
        return Visit(
            network=network_of(request, self._services.settings.web.trusted_proxies),
            # French unless the visitor chose otherwise: a browser's preferred language is often only its default.
            language=Language(chosen) if chosen in LANGUAGES else Language.FRENCH,
            opening=opening,
            **values,  # type: ignore[arg-type]  # every name is a field of Visit
        )

    def keep_language(self, response: Response, language: Language) -> None:
        name, life = self._prefix + LANGUAGE_COOKIE, self._lives["device"]
        response.set_cookie(name, language.value, max_age=life, **self._attributes)

    def set_cookies(self, response: Response, before: Visit, after: Visit) -> None:
        for name, cookie in self._names:
            value: str | None = getattr(after, name)
            if value == getattr(before, name):
                continue
            if value is None:
                response.delete_cookie(cookie, **self._attributes)
            else:
                content = self._seal_link(value) if name in SEALED_HERE else value
                response.set_cookie(cookie, content, max_age=self._lives[name], **self._attributes)

    def _seal_link(self, token: str) -> str:
        expires = int((self._services.dependencies.clock.now() + LINK_COOKIE_LIFE).timestamp())
        return tokens.seal(self._services.dependencies.vault, key_purposes.LINK_COOKIE, LinkCookie(token, expires))

    def _open_link(self, cookie: str | None) -> str | None:
        link = tokens.unseal(self._services.dependencies.vault, key_purposes.LINK_COOKIE, cookie, LinkCookie)
        return (
            link.token
            if link is not None and link.expires > self._services.dependencies.clock.now().timestamp()
            else None
        )
