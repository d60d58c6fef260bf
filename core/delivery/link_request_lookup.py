"""Looks up what is known of an ask before it is decided; nothing else looks up whose an address is (rule 2).

A batch is looked up at once. If somebody moves the case or the voter afterwards, the transaction that decides finds another
version or another epoch, and that ask is looked up again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.flows.dependencies import Dependencies
from core.flows.password.states import LinkRequestPending, LinkSent
from core.ports import OutboxMessage, RecoveryCase, Voter


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """An ask for a link: its message, its case, and who would get the link (None if nobody)."""

    message: OutboxMessage
    case: RecoveryCase
    state: LinkRequestPending | LinkSent
    recipient: Voter | None


def look_up_link_requests(
    dependencies: Dependencies, messages: Sequence[OutboxMessage]
) -> dict[int, LinkRequest | None]:
    """Return the asks by their messages' ids, None where a case wants no link. Raises StoreUnavailable."""
    with dependencies.store.read() as transaction:
        cases = transaction.recoveries.by_numbers([message.case for message in messages])
        addresses = [
            case.state.address for case in cases.values() if isinstance(case.state, LinkRequestPending | LinkSent)
        ]
        recipients = transaction.links.present_voters_by_email(addresses) if addresses else {}
    requests: dict[int, LinkRequest | None] = dict.fromkeys(message.id for message in messages)
    for message in messages:
        case = cases.get(message.case)
        if case is not None and isinstance(case.state, LinkRequestPending | LinkSent):
            recipient = recipients.get(case.state.address)
            requests[message.id] = LinkRequest(message, case, case.state, recipient)
    return requests
