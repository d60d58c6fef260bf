"""The origin of each of the attacker's cookies, and the links and sessions that it may therefore open."""

from collections import defaultdict
from dataclasses import dataclass, field

from conformance.attack.attacker_account import AttackerAccount, CookieFromLink, CookieFromSignIn
from conformance.attack.product_site_description import ProductSiteDescription
from conformance.attack.recording_browser import HttpExchange

Cookie = tuple[str, str]
"""The name and the value of a cookie."""
Grant = CookieFromLink | CookieFromSignIn


@dataclass
class CookieGrants:
    """The links and sessions that each cookie stands for."""

    adapter: ProductSiteDescription
    _grants: dict[Cookie, set[Grant]] = field(default_factory=lambda: defaultdict(set))
    _closed: dict[Cookie, int] = field(default_factory=dict)
    """The cookies whose session was closed, and in which instant."""

    def record_replaced_cookies(self, exchange: HttpExchange, instant: int) -> None:
        """Note that a cookie which replaces another of its name stands for the same, and which sessions a form closed."""
        for name, value in exchange.gained:
            for other, former in exchange.sent:
                if other == name and former != value:
                    self._grants[name, value] |= self._grants[other, former]
        if exchange.request.method == "POST":
            self._closed.update(dict.fromkeys(exchange.ended - self._closed.keys(), instant))

    def grants_of(self, exchange: HttpExchange, instant: int) -> set[Grant]:
        """Return what the cookies of a request stand for."""
        found: set[Grant] = set()
        for cookie in exchange.sent:
            still_open = self._closed.get(cookie, instant) == instant
            found |= {it for it in self._grants.get(cookie, ()) if still_open or isinstance(it, CookieFromLink)}
        return found

    def record_grants(self, exchange: HttpExchange, grant: Grant, *, alone: bool) -> None:
        """Note what the cookies that came with an answer stand for, in the place of others of the kind.

        An answer that was not `alone` may have come before others of that instant, so that they go on standing for both.
        """
        signs_in = isinstance(grant, CookieFromSignIn)
        gained, held = (
            [each for each in cookies if not (signs_in and self.adapter.opens_no_session(each[0]))]
            for cookies in (exchange.gained, exchange.held)
        )
        for cookie in gained or held:
            if alone and (gained or signs_in):
                self._grants[cookie] = {it for it in self._grants[cookie] if type(it) is not type(grant)}
            self._grants[cookie].add(grant)

    def live_sessions(self, exchange: HttpExchange, instant: int) -> list[AttackerAccount]:
        """Return whose sessions, open still, the cookies of a request stand for."""
        live = (
            it for it in self.grants_of(exchange, instant) if isinstance(it, CookieFromSignIn) and it.is_live(instant)
        )
        return list(dict.fromkeys(it.account for it in live))
