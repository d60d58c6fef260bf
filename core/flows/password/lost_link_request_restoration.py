"""Makes an ask anew that the database has forgotten, from what the browser that asked holds (DESIGN section 7).

An ask is told before it is on the disk. The browser holds it sealed, under the number that its voter has written down.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import BrowserTokens
from core.flows.password.link_requests import PasswordLinkRequests, move_case, state_after_new_request
from core.flows.password.states import LastRequestTimes, LinkRequestPending, MessageAsked
from core.policy.policy_and_calendar import CalendarOperation
from core.ports import Conflict, RecoveryCase
from core.security import key_purposes
from core.security.tokens import seal, unseal

RESTORED = "restored"
"""The reason of the event of an ask that was lost."""


class SealedLinkRequest(msgspec.Struct, frozen=True, array_like=True):
    """The last ask of a case, as its browser holds it."""

    handle: str
    number: str
    typed: str
    address: str
    window: LastRequestTimes


@dataclass(frozen=True, slots=True)
class LostRequestRestoration:
    """The use case of a browser that returns to MP-4."""

    dependencies: Dependencies
    requests: PasswordLinkRequests

    def seal(self, handle: str, case: RecoveryCase | None) -> str | None:
        """Seal the last ask of that case."""
        if case is None or not isinstance(case.state, MessageAsked):
            return None
        state = case.state
        ask = SealedLinkRequest(handle, case.number, state.typed, state.address, state.asking)
        return seal(self.dependencies.vault, key_purposes.PENDING_REQUEST, ask, context=self._context)

    def find_or_restore_case(self, visit: BrowserTokens) -> RecoveryCase | None:
        """Find the case that a browser holds. Its last ask is made anew if it is missing: then one more mail leaves."""
        case = self.dependencies.find_case(visit.case)
        ask = unseal(
            self.dependencies.vault, key_purposes.PENDING_REQUEST, visit.asked, SealedLinkRequest, context=self._context
        )
        now = self.dependencies.clock.now()
        if ask is None or ask.handle != visit.case or not self._is_missing(ask, case, now):
            return case
        with suppress(Conflict):  # two tabs return at once
            self._restore(ask, case, visit.network, now)
        return self.dependencies.find_case(visit.case)

    def _restore(self, ask: SealedLinkRequest, case: RecoveryCase | None, network: str, now: datetime) -> None:
        """Store an ask that was lost. It counts and sends one mail, as the lost one would have. Raises Conflict."""
        requests = self.requests
        if case is None:
            state = LinkRequestPending(typed=ask.typed, address=ask.address, asking=ask.window)
            add = partial(requests.add_case, handle=ask.handle, number=ask.number)
            requests.store_link_request(state, network, add, now, RESTORED)
        elif (again := state_after_new_request(case.state, ask.window)) is not None:
            requests.store_link_request(again, network, partial(move_case, case), now, RESTORED)

    def _is_missing(self, ask: SealedLinkRequest, case: RecoveryCase | None, now: datetime) -> bool:
        """Tell whether the case does not know of the ask, whose link would still serve."""
        if now >= ask.window.until or not self.dependencies.calendar.allows(CalendarOperation.ASK_PASSWORD, now):
            return False
        return case is None or (isinstance(case.state, MessageAsked) and case.state.asking.at < ask.window.at)

    @property
    def _context(self) -> bytes:
        return b"asked|" + self.dependencies.election.site.encode()
