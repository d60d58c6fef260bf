"""An account of the attacker, and the links and sessions that the attacker's cookies may use."""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.conformance.attack.product_site_description import ProductSiteDescription
from tests.conformance.attack.recording_browser import HttpExchange
from tests.conformance.product import FictionalVoter, Product


@dataclass(eq=False)
class AttackerAccount:
    """A voter who attacks others, and who can read only their own mail and SMS."""

    voter: FictionalVoter
    phones: list[str]
    name: str
    """Name that the account's own page shows, or an empty string if the product shows none."""
    password: str = ""
    epoch: int = 0
    """Number of password changes so far. Links and sessions from before the last change are invalid."""
    links: dict[str, int] = field(default_factory=dict)
    """Tokens of the mailed links. The value is the epoch in which the mail was read."""
    addresses: list[str] = field(default_factory=list)
    """Addresses of all links in the account's mails, including notices."""
    codes: list[str] = field(default_factory=list)
    phones_typed: set[str] = field(default_factory=set)
    """Telephones to which a code was sent for this account."""
    ordered: bool = False
    """Whether a code has been accepted for the open case."""
    answered: bool = False
    """Whether the right code has been sent by SMS. The product may process it later."""
    orders: int = 0
    """Number of right codes that were typed or sent by SMS."""
    changed_in: int = -1
    """Number of the instant in which the password was last changed."""
    former: str = ""
    """Password before the last change."""

    def record_new_password(self, password: str, instant: int) -> None:
        self.former, self.password = self.password, password
        self.epoch, self.changed_in = self.epoch + 1, instant

    def may_sign_in_with(self, password: str, instant: int) -> bool:
        """Return whether a password may sign in. The product may process requests of one instant in any order."""
        return password == self.password or (password == self.former and self.changed_in == instant)

    def read_mail(self, product: Product, adapter: ProductSiteDescription) -> None:
        """Read the mails to the account's own address."""
        mails = product.mails(self.voter)
        for mail in adapter.recovery_link_mails(mails):
            self.links.setdefault(mail.token, self.epoch)
        self.addresses = [mail.link for mail in mails if mail.link is not None]

    def read_sms(self, product: Product, adapter: ProductSiteDescription) -> None:
        """Read the SMS to the account's own telephones."""
        self.codes = [
            code
            for phone in self.phones
            if phone in self.phones_typed
            for code in adapter.codes(product.messages(phone))
        ]

    def codes_sent(self, product: Product, adapter: ProductSiteDescription) -> set[str]:
        """Return the codes sent to telephones that were typed for this account. Only the judge may use them."""
        return {code for phone in self.phones_typed for code in adapter.codes(product.messages(phone))}


@dataclass(frozen=True)
class CookieFromLink:
    """Says that a cookie was set when a certain link was opened."""

    token: str


@dataclass(eq=False)
class CookieFromSignIn:
    """Says that a cookie was set by a sign-in with the right password."""

    account: AttackerAccount
    epoch: int

    def is_live(self, instant: int) -> bool:
        """Return whether the session may still open pages. Requests of one instant may be processed in any order."""
        just_ended = self.epoch == self.account.epoch - 1 and self.account.changed_in == instant
        return just_ended or self.epoch == self.account.epoch


Cookie = tuple[str, str]
Grant = CookieFromLink | CookieFromSignIn


@dataclass
class CookieGrants:
    """Records which links and sessions each cookie may use."""

    adapter: ProductSiteDescription
    _grants: dict[Cookie, set[Grant]] = field(default_factory=lambda: defaultdict(set))
    _closed: dict[Cookie, int] = field(default_factory=dict)
    """Cookies of closed sessions. The value is the number of the instant in which the session was closed."""

    def record_replaced_cookies(self, exchange: HttpExchange, instant: int) -> None:
        """Record what a response does to earlier cookies.

        A new cookie gets the grants of the cookie that it replaces. The sessions that a form closes are recorded.
        """
        for name, value in exchange.gained:
            for other, former in exchange.sent:
                if other == name and former != value:
                    self._grants[name, value] |= self._grants[other, former]
        if exchange.request.method == "POST":
            self._closed.update(dict.fromkeys(exchange.ended - self._closed.keys(), instant))

    def grants_of(self, exchange: HttpExchange, instant: int) -> set[Grant]:
        """Return the links and sessions that the cookies of a request may use."""
        found: set[Grant] = set()
        for cookie in exchange.sent:
            still_open = self._closed.get(cookie, instant) == instant
            found |= {it for it in self._grants.get(cookie, ()) if still_open or isinstance(it, CookieFromLink)}
        return found

    def record_grants(self, exchange: HttpExchange, grant: Grant, *, alone: bool) -> None:
        """Record what the cookies of a response may use. This replaces other grants of the same kind.

        If the exchange was not `alone`, others of the same instant may have been processed later, so the cookies keep
        both grants.
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
        """Return the accounts to whose open sessions the cookies of a request belong."""
        live = (
            it for it in self.grants_of(exchange, instant) if isinstance(it, CookieFromSignIn) and it.is_live(instant)
        )
        return list(dict.fromkeys(it.account for it in live))
