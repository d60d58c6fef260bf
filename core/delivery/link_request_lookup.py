"""Looks up what is known of an ask before it is decided; nothing else looks up whose an address is (rule 2).

A batch is looked up at once. If somebody moves the case or the voter afterwards, the transaction that decides finds another
version or another epoch, and that ask is looked up again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.flows.dependencies import Dependencies
from core.flows.password.states import LinkRequestPending, LinkSent
from core.ports import OutboxMessage, RecoveryCase, Voter


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """An ask for a link: its message, its case, who would get the link (None if nobody), and when it is decided."""

    message: OutboxMessage
    case: RecoveryCase
    state: LinkRequestPending | LinkSent
    recipient: Voter | None
    now: datetime


@dataclass(slots=True)
class LinkRequestBatch:
    """The asks of one batch."""

    dependencies: Dependencies
    _found: dict[int, LinkRequest | None] = field(default_factory=dict, init=False)

    def look_up_recipients(self, messages: Sequence[OutboxMessage]) -> None:
        """Look up these asks, and forget others. Raises StoreUnavailable."""
        now = self.dependencies.clock.now()
        with self.dependencies.store.read() as transaction:
            cases = transaction.recoveries.by_numbers([message.case for message in messages])
            addresses = [
                case.state.address for case in cases.values() if isinstance(case.state, LinkRequestPending | LinkSent)
            ]
            recipients = transaction.links.recipients_by_email(addresses) if addresses else {}
        self._found = dict.fromkeys(message.id for message in messages)
        for message in messages:
            case = cases.get(message.case)
            if case is not None and isinstance(case.state, LinkRequestPending | LinkSent):
                recipient = recipients.get(case.state.address)
                self._found[message.id] = LinkRequest(message, case, case.state, recipient, now)

    def take_request(self, message: OutboxMessage) -> LinkRequest | None:
        """Return an ask, or None when its case wants no link. Each look-up is used once. Raises StoreUnavailable."""
        if message.id not in self._found:
            others = self._found
            self.look_up_recipients([message])
            self._found = {**others, **self._found}
        request = self._found.pop(message.id)
        return None if request is None else replace(request, now=self.dependencies.clock.now())
