"""An account of the attacker's own: its mails, password, sessions and codes."""

from dataclasses import dataclass, field

from conformance.attack.product_site_description import ProductSiteDescription
from conformance.product import FictionalVoter, Product


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
        """Tell whether that password may sign in. What happens in one instant may happen in any order."""
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
        """Tell whether it may still open pages. What happens in one instant may happen in any order."""
        just_ended = self.epoch == self.account.epoch - 1 and self.account.changed_in == instant
        return just_ended or self.epoch == self.account.epoch
