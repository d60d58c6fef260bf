"""Checks every answer to the attacker against the invariants that must always hold."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from html import unescape

from tests.conformance.attack.attacker_account import AttackerAccount, CookieFromLink, CookieFromSignIn, CookieGrants
from tests.conformance.attack.honest_voter import HonestVoter
from tests.conformance.attack.product_site_description import ProductSiteDescription
from tests.conformance.attack.recording_browser import HttpExchange
from tests.conformance.attack.simulated_voter import VoterDisturbed
from tests.conformance.product import Product
from tests.conformance.raw_http import path_of

NO_TOKEN = "a password was set without a valid link from a mail"
NO_PASSWORD = "a page for signed-in voters was shown without a sign-in"
NO_CODE = "an identifier was ordered without the code of its case"
SEEN = "data of another voter was shown"
SPENT = "another voter was disturbed"


class InvariantViolated(Exception):
    """Raised when an invariant does not hold. The message says which invariant, and what was seen."""

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(f"{invariant}: {detail}")
        self.invariant = invariant


@dataclass
class InvariantJudge:
    """Records what the attacker's own accounts may do and see, and checks each answer against this record."""

    product: Product
    adapter: ProductSiteDescription
    paths: dict[str, str]
    """Path of the form of each step."""
    accounts: Sequence[AttackerAccount]
    voters: list[HonestVoter] = field(default_factory=list)
    """Voters who are or were attacked."""
    instant: int = 0
    _asked: set[str] = field(default_factory=set)
    """Cases that the attacker started, perhaps with a voter's address. The attacker saw them before any voter did."""
    _spent: set[str] = field(default_factory=set)
    """Codes that have been accepted."""
    _chosen: set[frozenset[tuple[str, str]]] = field(default_factory=set)
    """Contents of the forms that have set a password."""
    _grants: CookieGrants = field(init=False)

    def __post_init__(self) -> None:
        self._grants = CookieGrants(self.adapter)

    def judge(self, exchanges: Sequence[HttpExchange]) -> None:
        """Check the exchanges of one instant, which the product may process in any order. Raises InvariantViolated."""
        self.instant += 1
        alone = len(exchanges) == 1
        for each in exchanges:
            self._grants.record_replaced_cookies(each, self.instant)
            self._sees(each)
            self._link_opened(each, alone=alone)
        for each in exchanges:
            self._password_set(each)
        signed_in = [self._signed_in(each, alone=alone) for each in exchanges]
        entitled = [
            now or self._grants.live_sessions(each, self.instant)
            for each, now in zip(exchanges, signed_in, strict=True)
        ]
        self._spent |= {
            code
            for each, accounts in zip(exchanges, entitled, strict=True)
            for code in self._codes_typed(each, accounts, alone=alone)
        }
        for each, accounts in zip(exchanges, entitled, strict=True):
            self._private(each, accounts)
            self._ordered(each, accounts, alone=alone)

    # ── No token, no password ────────────────────────────────────────────────────────────────────────────

    def _link_opened(self, each: HttpExchange, *, alone: bool) -> None:
        token = each.request.path.partition("?")[0].rpartition("/")[2]
        if any(token in account.links for account in self.accounts):
            self._grants.record_grants(each, CookieFromLink(token), alone=alone)

    def _password_set(self, each: HttpExchange) -> None:
        password = self._role(each, "new_password")
        if not password or not each.accepted or self.adapter.step(each.page) != self.adapter.password_set:
            return
        alive, dead = [], False
        for token in self._tokens(each):
            for account in self.accounts:
                if account.links.get(token) == account.epoch:
                    alive.append(account)
                dead = dead or token in account.links
        there = path_of(each.request.path) == self.paths[self.adapter.new_password_step]
        form = frozenset(each.typed.items())
        in_force = any(account.may_sign_in_with(password, self.instant) for account in self.accounts)
        if there and form in self._chosen and in_force:
            # Repeating a form is the same action (CASE 53), unless it sets the password of another link's owner.
            alive = [it for it in alive if it.password != password and self._opens(it, password)]
            if not alive:
                return
        if there and alive:
            self._chosen.add(form)
            self._account_of_password(alive, password).record_new_password(password, self.instant)
        elif there or not (alive or dead):  # at other steps, a voter who chose a password may see the page again
            raise InvariantViolated(NO_TOKEN, "a dead link" if dead else "no link of the attacker's own")

    def _account_of_password(self, accounts: Sequence[AttackerAccount], password: str) -> AttackerAccount:
        """Return the account whose password was set.

        If the browser had links of several accounts, this tries the password at each. A sign-in proves nothing for an
        account that already had the same password.
        """
        known = [account for account in accounts if account.password == password]
        changed = [account for account in accounts if account.password != password]
        for account in changed if known else changed[1:]:
            if self._opens(account, password):
                return account
        return (known or changed)[0]

    def _opens(self, account: AttackerAccount, password: str) -> bool:
        """Return whether a password signs an account in. This tries it in another browser."""
        probe = HonestVoter(self.product, self.adapter, account.voter, "", password)
        with suppress(VoterDisturbed), closing(probe.client):
            probe.sign_in()
            return True
        return False

    def _tokens(self, each: HttpExchange) -> set[str]:
        """Return the tokens in the path, the form or the link cookies of a request."""
        carried = {
            grant.token for grant in self._grants.grants_of(each, self.instant) if isinstance(grant, CookieFromLink)
        }
        texts = (each.request.path, *each.typed.values())
        return carried | {token for it in self.accounts for token in it.links if any(token in text for text in texts)}

    # ── No password, no session; no code, no identifier ──────────────────────────────────────────────────

    def _signed_in(self, each: HttpExchange, *, alone: bool) -> list[AttackerAccount]:
        """Return the accounts that a request has signed in."""
        typed = self._role(each, "password")
        if not typed or self.adapter.step(each.page) != self.adapter.signed_in or not each.accepted:
            return []
        body = unescape(each.page.body)
        account = next(
            (it for it in self.accounts if it.may_sign_in_with(typed, self.instant) and it.name in body), None
        )
        if account is None:
            return []
        self._grants.record_grants(each, CookieFromSignIn(account, account.epoch), alone=alone)
        return [account]

    def _private(self, each: HttpExchange, entitled: Sequence[AttackerAccount]) -> None:
        step = self.adapter.step(each.page)
        if step not in self.adapter.private:
            return
        if not entitled:
            raise InvariantViolated(NO_PASSWORD, step)
        body = unescape(each.page.body)
        names = {it.name for it in self.accounts if it.name and it.name in body}
        if not names <= {it.name for it in entitled}:
            raise InvariantViolated(NO_PASSWORD, f"{step} of {sorted(names)}, but {entitled[0].name} had signed in")

    def _codes_typed(self, each: HttpExchange, accounts: Sequence[AttackerAccount], *, alone: bool) -> set[str]:
        """Record the telephone and the right code in a request. Returns the codes that were used.

        An accepted code may have ordered an identifier even if a simultaneous sign-out prevented its page.
        """
        phone, code = self._role(each, "phone"), self._role(each, "code")
        for account in accounts:
            account.phones_typed |= {phone} - {""}
        seen = self.adapter.step(each.page) in (*self.adapter.ordered, *self.adapter.undelivered)
        took = bool(code) and each.accepted and (seen or not alone)
        right = [it for it in accounts if took and self._is_right(it, code)]
        for account in right:
            account.ordered, account.orders = account.ordered or seen, account.orders + 1
        return {code} if right and seen else set()

    def _ordered(self, each: HttpExchange, accounts: Sequence[AttackerAccount], *, alone: bool) -> None:
        step = self.adapter.step(each.page)
        if step in self.adapter.ordered:
            for account in accounts:
                account.ordered, account.answered = account.ordered or account.answered, False
            if not any(it.ordered for it in accounts):
                raise InvariantViolated(NO_CODE, step)
        if alone and len(accounts) == 1 and step in {self.adapter.code_asked, self.adapter.identity_step}:
            accounts[0].ordered = False

    def _is_right(self, account: AttackerAccount, code: str) -> bool:
        return code not in self._spent and code in account.codes_sent(self.product, self.adapter)

    def expect_sms_answer(self, account: AttackerAccount, code: str) -> None:
        """Record that an account is about to send a code by SMS."""
        if self._is_right(account, code):
            account.answered, account.orders = True, account.orders + 1

    def require_code_for_each_identifier(self) -> None:
        """Check that the attacker's telephones received at most one identifier for each right code.

        Raises InvariantViolated.
        """
        phones = {phone for account in self.accounts for phone in account.phones}
        came = sum(len(self.adapter.identifiers(self.product.messages(phone))) for phone in phones)
        orders = sum(account.orders for account in self.accounts)
        if came > orders:
            raise InvariantViolated(NO_CODE, f"{came} identifiers came for {orders} codes")

    # ── Nobody sees another's ────────────────────────────────────────────────────────────────────────────

    def _sees(self, each: HttpExchange) -> None:
        sent = f"{each.request.path} {' '.join(each.typed.values())}"
        own = {it.name for it in self.accounts}
        for page in each.answers:
            case, body = self.adapter.case_of(page), None
            if case is not None and not any(case in voter.cases for voter in self.voters):
                self._asked.add(case)
            for voter in self.voters:
                if case in voter.cases and case not in self._asked:
                    raise InvariantViolated(SEEN, f"the page of case {case}")
                body = body or unescape(page.body)
                for secret in voter.secrets - own:
                    if secret in body and secret not in sent:
                        raise InvariantViolated(SEEN, f"«{secret}» on {page.url}")

    def _role(self, each: HttpExchange, role: str) -> str:
        if each.request.method != "POST":
            return ""
        return next((value for name, value in each.typed.items() if self.adapter.role_by_input.get(name) == role), "")
