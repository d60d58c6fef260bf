"""A voter who goes through the whole site while being attacked, and checks that the attack changes nothing."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from time import sleep
from typing import TypeVar

from tests.conformance.attack.product_site_description import ProductSiteDescription
from tests.conformance.attack.recording_browser import Held
from tests.conformance.attack.simulated_voter import LAST, SimulatedVoter, VoterDisturbed
from tests.conformance.product import FictionalVoter, Product, ReceivedMessage
from tests.conformance.raw_http import path_of
from tests.conformance.waiting import DidNotHappen, eventually

T = TypeVar("T")
HOUR = timedelta(hours=1)
TRIES_IN_30_SECONDS, SECONDS_BETWEEN_TRIES = 4, 8
WRONG_NUMEN = "12A3456789XYZ"


class HonestVoter(SimulatedVoter):
    """A voter with a browser, a mailbox and a telephone that nobody else uses."""

    def __init__(
        self, product: Product, adapter: ProductSiteDescription, voter: FictionalVoter, phone: str, password: str
    ) -> None:
        super().__init__(product, adapter, voter, phone, password)
        self.spent_links: list[str] = []
        """Links that have been used. They must not work again. The attacker may know them."""
        self.spent_codes: list[str] = []
        """Codes that are wrong or have been used. They must be refused. The attacker may know them."""
        self.spent_cookies: list[Held] = []
        """Cookies of sessions that have ended. They must not work again. The attacker may know them."""
        self.name = f"{voter.first_name} {voter.last_name}".strip()
        self.secrets: set[str] = {password, self.name} - {""}
        """Texts that the pages of other visitors must not show."""
        self.desk_request: dict[str, object] = {}
        """How the product lists the voter's own request to the helpdesk."""
        self._steps_done = 0
        self._home = ""

    # ── The way ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def planned_moves(self) -> list[Callable[[], None]]:
        """Return the moves of the voter, in order."""
        password = [self.ask, self.await_link, self.open_link, self.choose_password]
        if self.adapter.desk_way and self.product.desk:
            password.append(self.ask_desk)
        if not self.adapter.identifier_way:
            return password
        return [*password, self.sign_in, self.begin_reissue, self.prove_identity, self.mistype_code, self.enter_code]

    def do_next_move(self) -> None:
        """Do the next move, if there is one. Raises VoterDisturbed."""
        if self._steps_done < len(self.planned_moves):
            move = self.planned_moves[self._steps_done]
            self._steps_done += 1
            try:
                move()
                self._see_home()
            except DidNotHappen as missing:
                raise VoterDisturbed(f"{move.__name__}: {missing} did not come") from missing

    def walk_to_the_end(self) -> None:
        """Do all remaining moves. Raises VoterDisturbed."""
        for _ in self.planned_moves:
            self.do_next_move()
        self.check_at_the_end()

    @property
    def moves_left(self) -> int:
        return len(self.planned_moves) - self._steps_done

    def ask(self) -> None:
        """Request the mail with the link."""
        self._walk(self.adapter.password_way, self.adapter.mail_asked)

    def await_link(self) -> None:
        """Wait for the mail with the link, but do not open the link."""
        mail = self._eventually(self.links, f"a link to {self.voter.email}")[0]
        self.link = str(mail.link)
        self.secrets.add(mail.token)

    def open_link(self) -> None:
        """Open the link in the browser that requested it."""
        self._take(self._open(path_of(self.link)))
        self._expect(self.adapter.new_password_step)

    def choose_password(self) -> None:
        """Choose a password, which uses up the link."""
        self.answer(self.adapter.password_way)
        self._expect(self.adapter.password_set)
        self.secrets.discard(self.link.rpartition("/")[2])
        self.spent_links.append(self.link)

    def ask_desk(self) -> None:
        """Ask the helpdesk for an answer. The request must reach the helpdesk, whatever others have asked before."""
        self._take(self._open(self.adapter.desk))
        self._go_on(self.adapter.desk_way, self.adapter.desk_noted)
        self.desk_request = self._eventually(self._own_desk_requests, f"a request of {self.voter.email} to the desk")[0]

    def _own_desk_requests(self) -> list[dict[str, object]]:
        wanted = self.adapter.desk_entry.items()
        return [each for each in self.product.desk_requests(self.voter) if wanted <= each.items()]

    def sign_in(self) -> None:
        """Sign in with the voter's password."""
        self._walk(self.adapter.identifier_way, self.adapter.signed_in)

    def begin_reissue(self) -> None:
        """Begin a request for a new identifier, up to the step that asks for the voter's identity."""
        steps = list(self.adapter.identifier_way)
        before_code = steps[steps.index(self.adapter.code_asked) - 1]
        self._go_on(self.adapter.identifier_way, before_code)

    def prove_identity(self) -> None:
        """Type a wrong NUMEN once, and then the right identity. The wrong attempt allows the counts to be compared."""
        step = self.adapter.step(self.page)
        typed = self.adapter.identifier_way[step]
        if "{numen}" in typed.values():
            self._mistype(self._values | {"numen": WRONG_NUMEN})
        self.answer(self.adapter.identifier_way)
        self._expect(self.adapter.code_asked)

    def mistype_code(self) -> None:
        """Type a wrong code after the right code has arrived."""
        right = self.await_code()
        wrong = f"{(int(right) + 1) % 10 ** len(right):0{len(right)}d}"
        self._mistype(self._values | {"code": wrong})
        self.spent_codes.append(wrong)

    def enter_code(self) -> None:
        """Type the right code, and wait for the identifier."""
        right = self.await_code()
        self.answer(self.adapter.identifier_way, {"code": right})
        self.spent_codes.append(right)
        self._expect(*self.adapter.ordered)
        identifier = self._eventually(self._identifiers, f"an identifier to {self.phone}")[0]
        self.secrets.add(identifier)

        def moved_on() -> bool:
            return self.adapter.step(self._take(self._open(path_of(self.page.url)))) not in self.adapter.under_way

        self._eventually(moved_on, f"a step after {self.adapter.under_way}")

    def sign_out(self) -> None:
        """Sign out, which makes the cookies of the session invalid."""
        of_space = [each["send"] for each in self.adapter.buttons.values() if each["step"] == self.adapter.signed_in]
        send = next((each for each in of_space if "sign-out" in str(each)), None)
        if send is None:
            return
        self._take(self._open(self.adapter.home))
        form = self.page.find_form(send)
        if form is None:
            raise VoterDisturbed(f"{self.page.url} ({self.page.status}) has no way to sign out")
        self.spent_cookies.append(self._submit(form, send))

    # ── What must be as it was ───────────────────────────────────────────────────────────────────────────

    def check_last_page(self) -> None:
        """Reload the last page and the voter's own page.

        Raises VoterDisturbed if the step, the case or the text has changed.
        """
        page = self.pages.get(LAST)
        if page is None or self.adapter.step(page) in self.adapter.under_way:
            return
        now = self._open(path_of(page.url))
        before, after = ((self.adapter.step(each), self.adapter.case_of(each)) for each in (page, now))
        if before[0] not in self.adapter.ordered and before != after:
            raise VoterDisturbed(f"the page of {before} is now {after}")
        former = self._home
        self._see_home()
        if former != self._home:
            raise VoterDisturbed(f"{self.adapter.home} said «{former}» and says now «{self._home}»")

    def _see_home(self) -> None:
        """Remember the text of the voter's own page, if there is one.

        Its footer is left out, because it says whether the helpdesk is open.
        """
        if self.adapter.signed_in in self.pages:
            page = self._open(self.adapter.home)
            self._home = replace(page, body=page.body.partition("<footer")[0]).text

    def check_at_the_end(self) -> None:
        """Check that the attack has changed nothing. Raises VoterDisturbed.

        There must be exactly one new password and one identifier, the session must be open, and a new request must be
        mailed. The desk must have the voter's request as it was, and a new browser must be able to sign in.
        """
        if self.moves_left:
            return
        try:
            notices = self._eventually(
                lambda: self.adapter.password_change_notices(self.product.mails(self.voter)), "a notice"
            )
            if len(notices) != 1:
                raise VoterDisturbed(f"{len(notices)} new passwords, of which one was the voter's")
            if self.adapter.identifier_way and len(self._identifiers()) != 1:
                raise VoterDisturbed(f"{len(self._identifiers())} identifiers, of which one was ordered by the voter")
            self._ask_once_more()
            self._check_number_of_mails()
        except DidNotHappen as missing:
            raise VoterDisturbed(f"at the end: {missing} did not come") from missing
        page = self._open(self.adapter.home)
        if self.adapter.identifier_way and self.adapter.step(page) != self.adapter.signed_in:
            raise VoterDisturbed(f"the session has ended: {page.url} ({page.status})")
        if self.desk_request and self.desk_request not in self.product.desk_requests(self.voter):
            raise VoterDisturbed(f"the desk no longer has {self.desk_request}")
        if self.adapter.identifier_way:
            self._sign_in_with_new_browser()

    def _sign_in_with_new_browser(self) -> None:
        """Sign in with a new browser, in at most 30 seconds.

        It may have to wait if others have tried too many passwords for this voter's address.
        """
        for _ in range(TRIES_IN_30_SECONDS):
            probe = HonestVoter(self.product, self.adapter, self.voter, "", self.password)
            with closing(probe.client):
                try:
                    probe.sign_in()
                except VoterDisturbed as refused:
                    if self.adapter.pauses_address(probe.page):
                        return
                    last = refused
                else:
                    return
            sleep(SECONDS_BETWEEN_TRIES)
        raise VoterDisturbed(f"a new browser could not sign in: {last}")

    def _check_number_of_mails(self) -> None:
        """Check that others could not have more mails sent to the voter in an hour than the product allows."""
        times = sorted(datetime.fromisoformat(each.at) for each in self._requested_mails())
        most = self.product.messages_per_address
        if any(late - early < HOUR for early, late in zip(times, times[most:], strict=False)):
            raise VoterDisturbed(f"more than {most} requested mails came in an hour")

    def _ask_once_more(self) -> None:
        """Request another link. It must be mailed, unless others have used up the limit for the address (CASE 52)."""
        there = len(self.links())
        self._walk(self.adapter.password_way, self.adapter.mail_asked)
        case = self.adapter.case_of(self.page)

        def mailed() -> bool:
            mails = self.links()
            own = [each for each in mails[there:] if case is None or case in each.text]
            return bool(own) or len(self._requested_mails()) >= self.product.messages_per_address

        self._eventually(mailed, f"a second link to {self.voter.email}")

    # ── Messages ────────────────────────────────────────────────────────────────────────────────────

    def _eventually(self, find: Callable[[], T], what: str) -> T:
        return eventually(find, what, self.patience)

    def links(self) -> list[ReceivedMessage]:
        return self.adapter.recovery_link_mails(self.product.mails(self.voter))

    def _requested_mails(self) -> list[ReceivedMessage]:
        return self.adapter.requested_mails(self.product.mails(self.voter))

    def await_code(self) -> str:
        def codes() -> list[str]:
            return self.adapter.codes(self.product.messages(self.phone))

        return self._eventually(codes, f"a code to {self.phone}")[-1]

    def _identifiers(self) -> list[str]:
        return self.adapter.identifiers(self.product.messages(self.phone))
