"""What the two screens about one person share: they follow it by themselves, and offer the same acts."""

from typing import ClassVar

from textual import work
from textual.binding import BindingType

from core.service.desk.acts import DeskAct, Offer
from core.service.desk.guiding import Guide
from core.service.desk.proofs import Caller
from core.text import Text, TimeOfDay
from core.words import desk as words
from core.words import guiding as offered
from tui import keys
from tui.caller import CallerCheck
from tui.deeds import Deed
from tui.on_duty import Following
from tui.sitting import Call, Sitting


class OnCall(Following):
    """A screen about one person."""

    BINDINGS: ClassVar[list[BindingType]] = [keys.VERIFY, keys.MAIL]

    def __init__(self, sitting: Sitting, call: Call) -> None:
        super().__init__(sitting)
        self.call = call
        self.guide: Guide | None = None

    @property
    def where(self) -> str:
        """Whose file it is."""
        return self.call.name

    def show_deeds(self) -> None:
        """The acts both screens have."""
        self._show(keys.VERIFY.action, words.KEY_VERIFY, self._verified(), possible=True)
        offer = self.mail_offer
        if offer is not None:
            self._show(keys.MAIL.action, offer.label, offer.why_not, possible=offer.why_not is None)

    def _verified(self) -> Text:
        house, caller = self.sitting.house, self.call.caller
        if caller is None or house.clock.now() >= caller.until:
            return words.VERIFY_WHY
        return words.VERIFIED_UNTIL.fill({"until": TimeOfDay(house.calendar.local(caller.until))})

    def _show(self, action: str, label: Text, under: Text | None, *, possible: bool) -> None:
        self.query_one(f"#deed-{action}", Deed).show(label, under, possible=possible)

    @property
    def mail_offer(self) -> Offer | None:
        """The mail that can be asked for: a first one, or the same again."""
        offers = {offer.act: offer for offer in (self.guide.offers if self.guide else ())}
        if not offers:
            return None
        start, again = offers[DeskAct.START_MAIL], offers[DeskAct.SEND_AGAIN]
        asked = start.why_not is not None and start.why_not.msgid == offered.ASKED_ALREADY.msgid
        return again if asked or (again.why_not is None and start.why_not is not None) else start

    @work(exclusive=True, group="act")
    async def action_verify(self) -> None:
        """The caller's answers, in a dialog."""
        caller = await self.app.push_screen_wait(CallerCheck(self.sitting, self.call))
        if caller is not None:
            self.call.caller = caller
            self.tell(words.VERIFIED, name=self.call.name)
            await self.look()

    @work(exclusive=True, group="act")
    async def action_mail(self) -> None:
        """Asks for the mail; where that is not possible, says why."""
        offer, caller = self.mail_offer, self.call.caller
        if offer is None:
            return
        if offer.why_not is not None or caller is None:
            self.tell(offer.why_not or offered.VERIFY_FIRST, wrong=True)
        elif await self.ask(lambda: self._ask_for_mail(offer.act, caller)) is not None:
            self.tell(words.MAIL_ASKED)
            await self.look()

    def _ask_for_mail(self, act: DeskAct, caller: Caller) -> str:
        """The number of the case it belongs to."""
        guiding, duty = self.sitting.house.desk.guiding, self.sitting.on_duty
        case = None if self.guide is None else self.guide.case
        if act is DeskAct.SEND_AGAIN and case is not None:
            guiding.send_again(duty, caller, case)
            return case
        return guiding.start_mail(duty, caller)
