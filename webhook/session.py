"""A visit in cookies: opaque ids, and the tokens of links sealed. Nothing else is kept in the browser."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec
from flask import Request, Response
from werkzeug.http import parse_cookie

from core import purposes, tokens
from core.bootstrap import House
from core.service.visit import Visit
from core.text import Language
from webhook.origin import network_of

LINK_COOKIE_LIFE = timedelta(hours=1)
"""The link itself stays in the mail; the browser needs it only while a password is being chosen."""
COOKIES = ("case", "link", "stop", "session", "device")
LANGUAGE_COOKIE = "lang"
LANGUAGES = frozenset(Language)
LANGUAGE_LIFE = timedelta(days=30)


class Pocket(msgspec.Struct, frozen=True, array_like=True):
    """What the sealed cookie of a link holds; `expires` in seconds since 1970, so that an old copy opens nothing."""

    token: str
    expires: int


class Cookies:
    """Reads a visit from a request and writes what changed to the response."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._secure = house.election.site.startswith("https:")
        self._prefix = "__Host-" if self._secure else ""

    def visit(self, request: Request) -> Visit:
        """Who is there."""
        cookies = parse_cookie(request.environ).to_dict()  # `request.cookies` looks through all the headers for it
        held = {name: cookies.get(self._prefix + name) for name in COOKIES}
        link = held.pop("link")
        return Visit(
            network=network_of(request, self._house.settings.web.trusted_proxies),
            language=self._language(cookies),
            link=None if link is None else self._unpocketed(link),
            **held,
        )

    def _language(self, cookies: Mapping[str, str]) -> Language:
        """French unless the reader chose otherwise: the browser's own wish is often just its maker's."""
        chosen = cookies.get(self._prefix + LANGUAGE_COOKIE)
        return Language(chosen) if chosen in LANGUAGES else Language.FRENCH

    def keep_language(self, response: Response, language: Language) -> None:
        """Remembers the reader's choice."""
        self._set(response, LANGUAGE_COOKIE, language.value, LANGUAGE_LIFE)

    def keep(self, response: Response, before: Visit, after: Visit) -> None:
        """Writes what the visitor holds now and did not before; takes back what they hold no more."""
        for name in COOKIES:
            held: str | None = getattr(after, name)
            if held == getattr(before, name):
                continue
            if held is None:
                response.delete_cookie(self._prefix + name, secure=self._secure, httponly=True, samesite="Lax")
            else:
                self._set(response, name, self._pocketed(held) if name == "link" else held, self._life(name))

    def _life(self, name: str) -> timedelta:
        policy = self._house.policy
        if name == "device":
            return timedelta(days=policy.device_days)
        if name == "session":
            return timedelta(minutes=policy.session_minutes)
        return LINK_COOKIE_LIFE if name == "link" else timedelta(minutes=policy.link_valid_minutes)

    def _set(self, response: Response, name: str, value: str, life: timedelta) -> None:
        response.set_cookie(
            self._prefix + name, value, max_age=life, secure=self._secure, httponly=True, samesite="Lax", path="/"
        )

    def _pocketed(self, token: str) -> str:
        expires = int((self._house.clock.now() + LINK_COOKIE_LIFE).timestamp())
        clear = msgspec.json.encode(Pocket(token, expires))
        return tokens.base64url(self._house.vault.seal(purposes.LINK_COOKIE, clear, context=b""))

    def _unpocketed(self, cookie: str) -> str | None:
        sealed = tokens.from_base64url(cookie)
        clear = None if sealed is None else self._house.vault.open(purposes.LINK_COOKIE, sealed, context=b"")
        if clear is None:
            return None
        pocket = msgspec.json.decode(clear, type=Pocket)
        return pocket.token if pocket.expires > self._house.clock.now().timestamp() else None
