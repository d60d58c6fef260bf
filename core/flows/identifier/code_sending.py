"""Sends security codes. A code waits for the voter's pause and for the shared SMS budgets (rules 5 and 13)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_messages import OutboxMessageProcessor, PreparedSms
from core.flows.identifier.reissue_status import read_status, record_event
from core.flows.identifier.sent_security_code import ResendLimits, SealedPhoneNumber
from core.flows.identifier.sms_messages import decrypt_phone_number, phone_number_sealing_context, queue_code
from core.flows.identifier.states import CodeQueued, CodeSent, ReissueOpened
from core.flows.identifier.voter_limits import SendingLimits, last_queued_sending, round_up_to_minute
from core.forms import errors
from core.policy.calendar import CalendarOperation
from core.ports import (
    Actor,
    CodeRequestOutcome,
    CodeSending,
    EventType,
    MessageKind,
    MessageState,
    OutboxMessage,
    RecoveryCase,
    SharedSmsBudgets,
    Sms,
    SmsBudgetReservation,
    SmsRoute,
    SmsToPhoneOfCase,
    Transaction,
    Voter,
)
from core.security.outbox_sealing import Kept, SealedBodyUnreadable, open_message
from core.text.text import Moment

LOOK_AGAIN = timedelta(minutes=1)
"""Interval between checks of a waiting code. Released reservations can move its turn forward."""


@dataclass(frozen=True, slots=True)
class CodeSendingContext:
    """A case that needs a code, its locked voter, the voter's sendings of the last day, and the present time."""

    case: RecoveryCase
    voter: Voter
    sendings: Sequence[CodeSending]
    now: datetime


class CodeTurn(NamedTuple):
    """A code, sent now or waiting, and its reservation in the shared budgets."""

    state: CodeQueued | CodeSent
    places: SmsBudgetReservation | None


class CodeSender:
    def __init__(self, dependencies: Dependencies, budgets: SharedSmsBudgets) -> None:
        self.dependencies = dependencies
        self.budgets = budgets
        self.sending_limits = SendingLimits(dependencies.policy, dependencies.calendar)

    def send_or_queue_code(
        self, transaction: Transaction, request: CodeSendingContext, number: SealedPhoneNumber, network: str
    ) -> None:
        """Count a new code of a case at ID-2 or ID-3, and send it now or queue it for the courier."""
        opened = request.case.state.change_number() if isinstance(request.case.state, CodeSent) else request.case.state
        assert isinstance(opened, ReissueOpened)  # noqa: S101  # checked by the callers
        voter, now = request.voter.id, request.now
        following = self.sending_limits.next_sending(request.sendings, now)
        queued = opened.queue_code(number, self.budgets.network_digest(network), following.at)
        state, places = self._turn(transaction, queued, following.number, now)
        leaves = now if isinstance(state, CodeSent) else state.expected
        transaction.code_sendings.add(voter, number.digest, leaves, CodeRequestOutcome.SENT)
        if isinstance(state, CodeSent):
            self._send(transaction, request, state, places)
        else:
            self._queue(transaction, request, state)

    def _queue(self, transaction: Transaction, wanted: CodeSendingContext, state: CodeQueued) -> None:
        case, voter, now = wanted.case, wanted.voter.id, wanted.now
        transaction.recoveries.update_state(case, state)
        transaction.awaited_codes.forget(case.number)
        until = self.dependencies.calendar.vote_closes
        transaction.outbox.put(kind=MessageKind.QUEUED_CODE, case=case.number, at=now, useful_until=until, voter=voter)
        reason = "pause" if state.places is None else "budget"
        record_event(transaction, now, EventType.CODE_QUEUED, case.number, voter, reason=reason)

    def send_waiting_code(self, transaction: Transaction, request: CodeSendingContext, queued: CodeQueued) -> datetime:
        """Send a waiting code if its turn has come. Return the time at which it is or will be sent."""
        waiting, now = last_queued_sending(request.sendings), request.now
        others = [each for each in request.sendings if each is not waiting]
        following = self.sending_limits.next_sending(others, now)
        state, places = self._turn(transaction, queued, following.number, now)
        leaves = now if isinstance(state, CodeSent) else state.expected
        if waiting is not None and leaves != waiting.at:
            transaction.code_sendings.change(waiting.id, leaves, CodeRequestOutcome.SENT)
        if isinstance(state, CodeSent):
            self._send(transaction, request, state, places, Actor.COURIER)
        elif state != queued:
            transaction.recoveries.update_state(request.case, state)
        return leaves

    def cancel_waiting_code(self, transaction: Transaction, state: CodeQueued, voter: int, now: datetime) -> None:
        """Cancel a waiting code. It still counts against its voter's limits, but not against the shared budgets."""
        self.sending_limits.cancel_waiting(transaction, voter, now)
        self.budgets.release_reservation(transaction, state.places)

    def _turn(self, transaction: Transaction, queued: CodeQueued, number: int, now: datetime) -> CodeTurn:
        """Return the code, sent now or still waiting. The budgets are reserved only after the voter's pause."""
        if now < queued.not_before:
            return CodeTurn(queued, queued.places)
        route = SmsRoute(queued.number.region, queued.network)
        turn = self.budgets.reserve_in_budgets(transaction, route, queued.places, now)
        if now < turn.at:
            return CodeTurn(queued.with_expected_time(turn.at, turn.places), turn.places)
        sent = queued.send(now, ResendLimits.of_code(self.dependencies.policy), number)
        return CodeTurn(sent, turn.places)

    def send_valid_code_again(self, transaction: Transaction, request: CodeSendingContext, state: CodeSent) -> None:
        """Send a valid code again. Raises TooManyCodesUnderWay if the shared budgets do not allow it now."""
        turn = self.budgets.reserve_in_budgets(
            transaction, SmsRoute(state.number.region, state.network), None, request.now
        )
        if request.now < turn.at:
            at = self.dependencies.calendar.to_local(turn.at)
            raise errors.TooManyCodesUnderWay(until=at, resumes_at=Moment(round_up_to_minute(at)))
        transaction.code_sendings.add(request.voter.id, state.number.digest, request.now, CodeRequestOutcome.SENT)
        self._send(transaction, request, state, turn.places)

    def _send(
        self,
        transaction: Transaction,
        wanted: CodeSendingContext,
        state: CodeSent,
        places: SmsBudgetReservation | None,
        actor: Actor = Actor.VOTER,
    ) -> None:
        case, voter = wanted.case, wanted.voter
        transaction.recoveries.update_state(case, state)
        transaction.awaited_codes.await_code(state.number.digest, case.number, state.code.valid_until)
        queue_code(self.dependencies, transaction, case, state, voter, places=places)
        sending = f"{state.code.ordinal}.{state.code.sendings}"
        record_event(
            transaction, wanted.now, EventType.CODE_DECIDED, case.number, voter.id, reason=sending, actor=actor
        )


@dataclass(frozen=True, slots=True)
class QueuedCodeProcessor(OutboxMessageProcessor):
    """Sends a waiting code when its turn has come. Used by the courier."""

    dependencies: Dependencies
    sender: CodeSender

    def prepare(self, message: OutboxMessage, content: Kept | None) -> None:  # noqa: ARG002  # a waiting code has no content yet
        """Send the code in a new message, or postpone this one."""
        retry_on_conflict(lambda: self._handle(message))

    def _handle(self, message: OutboxMessage) -> None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            leaves = self._advance(transaction, message, now)
            if leaves is None:
                transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason="no-longer-wanted")
            elif leaves > now:
                due = min(leaves, now + LOOK_AGAIN)
                transaction.outbox.retry(message, due=due, reason="not-its-turn", counted=False)
            else:
                transaction.outbox.finish(message, MessageState.SENT, at=now, reason="made")

    def _advance(self, transaction: Transaction, message: OutboxMessage, now: datetime) -> datetime | None:
        """Return the time at which the code will be sent, or None if it is no longer wanted."""
        whose = message.voter or 0
        transaction.voters.lock(whose)
        standing, voter = read_status(self.dependencies, transaction, whose, now), transaction.voters.by_id(whose)
        case, last = standing.case, standing.last
        if case is None and last is not None and last.number == message.case and isinstance(last.state, CodeQueued):
            # A change of the voter's access has ended the case.
            self.sender.cancel_waiting_code(transaction, last.state, whose, now)
        if case is None or voter is None or case.number != message.case or not isinstance(case.state, CodeQueued):
            return None
        if not self.dependencies.calendar.allows(CalendarOperation.REISSUE_IDENTIFIER, now):
            return None
        sendings = self.sender.sending_limits.recent_sendings(transaction, whose, now)
        return self.sender.send_waiting_code(transaction, CodeSendingContext(case, voter, sendings, now), case.state)


@dataclass(frozen=True, slots=True)
class CodeSmsRecipientDecrypter(OutboxMessageProcessor):
    """Decrypts the recipient of a code's SMS. The courier can decrypt a case's phone number; the site cannot.

    Raises MessageClaimLost, PhoneNumberUnreadable.
    """

    dependencies: Dependencies
    sender: CodeSender

    def prepare(self, message: OutboxMessage, content: Kept | None) -> PreparedSms | None:
        """Return the SMS to the number of its case, or None if the voter has chosen another number."""
        if isinstance(content, Sms):  # an older message, sealed with its recipient
            return PreparedSms(message, content)
        dependencies = self.dependencies
        with dependencies.store.read() as transaction:
            case = transaction.recoveries.by_number(message.case)
        number = None if case is None else getattr(case.state, "number", None)
        wanted = content if isinstance(content, SmsToPhoneOfCase) else None
        if wanted is not None and isinstance(number, SealedPhoneNumber) and number.digest == wanted.number:
            context = phone_number_sealing_context(message.case, wanted.voter)
            recipient = decrypt_phone_number(dependencies, context, number)
            return PreparedSms(message, msgspec.structs.replace(wanted.sms, recipient=recipient))
        now = dependencies.clock.now()
        with dependencies.store.write() as transaction:
            transaction.voters.lock(message.voter or 0)
            transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason="no-longer-wanted")
            self._give_back(transaction, message, content, now)
        return None

    def on_message_end(
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        """Release the limits and budgets of a code that expired before it reached a gateway. Keep the case as it is."""
        # A message may reach a gateway without a counted attempt: if its courier is killed (at most one message per
        # connection), or if the gateway does not answer while the database is unavailable.
        if state is not MessageState.CANCELLED or message.attempts or message.sealed is None:
            return
        # Release nothing for a voter locked by a roll import, so that no sender waits for the import.
        if not transaction.voters.lock_without_waiting(message.voter or 0):
            return
        with suppress(SealedBodyUnreadable):
            kept = open_message(self.dependencies.vault, message.id, message.sealed)
            self._give_back(transaction, message, kept, now)

    def _give_back(self, transaction: Transaction, message: OutboxMessage, kept: Kept | None, now: datetime) -> None:
        if isinstance(kept, SmsToPhoneOfCase):
            limits = self.sender.sending_limits
            limits.record_code_not_sent(transaction, message.voter or 0, kept.number, message.created, now)
            self.sender.budgets.release_reservation(transaction, kept.places)
