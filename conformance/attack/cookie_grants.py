"""The origin of each of the attacker's cookies, and the links and sessions that it may therefore open."""

from collections import defaultdict
from dataclasses import dataclass, field

from conformance.attack.account import AttackerAccount, OpenedLink, SignedInSession
from conformance.attack.client import HttpExchange

Cookie = tuple[str, str]
"""The name and the value of a cookie."""
Grant = OpenedLink | SignedInSession


@dataclass
class CookieGrants:
    """The links and sessions that each cookie stands for."""

    _grants: dict[Cookie, set[Grant]] = field(default_factory=lambda: defaultdict(set))
    _closed: dict[Cookie, int] = field(default_factory=dict)
    """The cookies whose session was closed, and in which instant."""

    def replace_cookies(self, each: HttpExchange, instant: int) -> None:
        """Note that a cookie which replaces another of its name stands for the same, and which sessions a form closed."""
        for name, value in each.gained:
            for other, former in each.sent:
                if other == name and former != value:
                    self._grants[name, value] |= self._grants[other, former]
        if each.request.method == "POST":
            self._closed.update(dict.fromkeys(each.ended - self._closed.keys(), instant))

    def grants_of(self, each: HttpExchange, instant: int) -> set[Grant]:
        """Return what the cookies of a request stand for."""
        found: set[Grant] = set()
        for cookie in each.sent:
            still_open = self._closed.get(cookie, instant) == instant
            found |= {it for it in self._grants.get(cookie, ()) if still_open or isinstance(it, OpenedLink)}
        return found

    def record_grants(self, each: HttpExchange, grant: Grant, *, alone: bool) -> None:
        """Note what the cookies that came with an answer stand for, in the place of others of the kind.

        An answer that was not `alone` may have come before others of that instant, so that they go on standing for both.
        """
        for cookie in each.gained or each.held:
            if alone and (each.gained or isinstance(grant, SignedInSession)):
                self._grants[cookie] = {it for it in self._grants[cookie] if type(it) is not type(grant)}
            self._grants[cookie].add(grant)

    def live_sessions(self, each: HttpExchange, instant: int) -> list[AttackerAccount]:
        """Return whose sessions, open still, the cookies of a request stand for."""
        live = (it for it in self.grants_of(each, instant) if isinstance(it, SignedInSession) and it.is_live(instant))
        return list(dict.fromkeys(it.account for it in live))
