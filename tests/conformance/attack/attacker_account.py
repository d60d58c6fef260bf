"""An account of the attacker's own, and the links and sessions that the attacker's cookies may open."""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.conformance.attack.product_site_description import ProductSiteDescription
from tests.conformance.attack.recording_browser import HttpExchange
from tests.conformance.product import FictionalVoter, Product


@dataclass(eq=False)
class AttackerAccount:
    """A voter who attacks others. Their own mail and SMS they may read."""

    voter: FictionalVoter
    phones: list[str]
    name: str
    """The name that the account's own page shows; empty where a product shows none."""
    password: str = ""
    epoch: int = 0
    """Number of password changes; links and sessions from before the last one are dead."""
    links: dict[str, int] = field(default_factory=dict)
    """The tokens that were mailed, with the epoch in which the mail was read."""
    addresses: list[str] = field(default_factory=list)
    """Every address that the mails ask to open, the notices' too."""
    codes: list[str] = field(default_factory=list)
    phones_typed: set[str] = field(default_factory=set)
    """The telephones to which this account has had a code sent."""
    ordered: bool = False
    """True if a code was accepted for the case that is open now."""
    answered: bool = False
    """True if the right code was answered by SMS, which may be read later."""
    orders: int = 0
    """Number of right codes that were typed or answered."""
    changed_in: int = -1
    """The number of the instant in which the password was changed last."""
    former: str = ""
    """The password before that."""

    def record_new_password(self, password: str, instant: int) -> None:
        """Note a new password."""
        self.former, self.password = self.password, password
        self.epoch, self.changed_in = self.epoch + 1, instant

    def may_sign_in_with(self, password: str, instant: int) -> bool:
        """Return whether that password may sign in. What happens in one instant may happen in any order."""
        return password == self.password or (password == self.former and self.changed_in == instant)

    def read_mail(self, product: Product, adapter: ProductSiteDescription) -> None:
        """Read the account's own mail."""
        mails = product.mails(self.voter)
        for mail in adapter.recovery_link_mails(mails):
            self.links.setdefault(mail.token, self.epoch)
        self.addresses = [mail.link for mail in mails if mail.link is not None]

    def read_sms(self, product: Product, adapter: ProductSiteDescription) -> None:
        """Read the account's own SMS."""
        self.codes = [
            code
            for phone in self.phones
            if phone in self.phones_typed
            for code in adapter.codes(product.messages(phone))
        ]

    def codes_sent(self, product: Product, adapter: ProductSiteDescription) -> set[str]:
        """Return the codes that came to the telephones this account has typed. For the judge alone."""
        return {code for phone in self.phones_typed for code in adapter.codes(product.messages(phone))}


@dataclass(frozen=True)
class CookieFromLink:
    """A cookie came when this link was opened."""

    token: str


@dataclass(eq=False)
class CookieFromSignIn:
    """A cookie came when somebody signed in with the right password."""

    account: AttackerAccount
    epoch: int

    def is_live(self, instant: int) -> bool:
        """Return whether it may still open pages. What happens in one instant may happen in any order."""
        just_ended = self.epoch == self.account.epoch - 1 and self.account.changed_in == instant
        return just_ended or self.epoch == self.account.epoch


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
