"""Sends security codes by SMS, within the voter's limits and the SMS budgets."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_messages import OutboxMessageProcessor, PreparedSms
from core.flows.identifier.reissue_completion import record_code_not_delivered
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
    SmsBudgetReservation,
    SmsRoute,
    SmsToPhoneOfCase,
    Transaction,
    Voter,
)
from core.security.outbox_sealing import Kept, SealedBodyUnreadable, open_message
from core.text.text import Moment

LOOK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CodeSendingContext:
    case: RecoveryCase
    voter: Voter
    sendings: Sequence[CodeSending]
    now: datetime


class CodeSendingDecision(NamedTuple):
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
        """Count a new security code, and send or queue it."""
        opened = request.case.state.change_number() if isinstance(request.case.state, CodeSent) else request.case.state
        assert isinstance(opened, ReissueOpened)  # noqa: S101  # checked by the callers
        voter, now = request.voter.id, request.now
        upcoming = self.sending_limits.next_sending(request.sendings, now)
        queued = opened.queue_code(number, self.budgets.network_digest(network), upcoming.at)
        state, places = self._decide(transaction, queued, upcoming.number, now)
        send_at = now if isinstance(state, CodeSent) else state.expected
        transaction.code_sendings.add(voter, number.digest, send_at, CodeRequestOutcome.SENT)
        if isinstance(state, CodeSent):
            self._send(transaction, request, state, places)
        else:
            self._queue(transaction, request, state)

    def _queue(self, transaction: Transaction, request: CodeSendingContext, state: CodeQueued) -> None:
        case, voter, now = request.case, request.voter.id, request.now
        transaction.recoveries.update_state(case, state)
        transaction.awaited_codes.forget(case.number)
        until = self.dependencies.calendar.vote_closes
        transaction.outbox.put(kind=MessageKind.QUEUED_CODE, case=case.number, at=now, useful_until=until, voter=voter)
        reason = "pause" if state.places is None else "budget"
        record_event(transaction, now, EventType.CODE_QUEUED, case.number, voter, reason=reason)

    def send_waiting_code(self, transaction: Transaction, request: CodeSendingContext, queued: CodeQueued) -> datetime:
        """Send a waiting code if the limits allow it. Returns the actual or expected sending time."""
        waiting, now = last_queued_sending(request.sendings), request.now
        others = [sending for sending in request.sendings if sending is not waiting]
        upcoming = self.sending_limits.next_sending(others, now)
        state, places = self._decide(transaction, queued, upcoming.number, now)
        send_at = now if isinstance(state, CodeSent) else state.expected
        if waiting is not None and send_at != waiting.at:
            transaction.code_sendings.change(waiting.id, send_at, CodeRequestOutcome.SENT)
        if isinstance(state, CodeSent):
            self._send(transaction, request, state, places, Actor.COURIER)
        elif state != queued:
            transaction.recoveries.update_state(request.case, state)
        return send_at

    def cancel_waiting_code(self, transaction: Transaction, state: CodeQueued, voter: int, now: datetime) -> None:
        """Cancel a waiting code. The code still counts against the voter's limits."""
        self.sending_limits.cancel_waiting(transaction, voter, now)
        self.budgets.release_reservation(transaction, state.places)

    def _decide(self, transaction: Transaction, queued: CodeQueued, number: int, now: datetime) -> CodeSendingDecision:
        if now < queued.not_before:
            return CodeSendingDecision(queued, queued.places)
        route = SmsRoute(queued.number.region, queued.network)
        turn = self.budgets.reserve_in_budgets(transaction, route, queued.places, now)
        if now < turn.at:
            return CodeSendingDecision(queued.with_expected_time(turn.at, turn.places), turn.places)
        sent = queued.send(now, ResendLimits.of_code(self.dependencies.policy), number)
        return CodeSendingDecision(sent, turn.places)

    def send_valid_code_again(self, transaction: Transaction, request: CodeSendingContext, state: CodeSent) -> None:
        """Send a valid code again. Raises TooManyCodesUnderWay."""
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
        request: CodeSendingContext,
        state: CodeSent,
        places: SmsBudgetReservation | None,
        actor: Actor = Actor.VOTER,
    ) -> None:
        case, voter = request.case, request.voter
        transaction.recoveries.update_state(case, state)
        transaction.awaited_codes.await_code(state.number.digest, case.number, state.code.valid_until)
        queue_code(self.dependencies, transaction, case, state, voter, places=places)
        sending = f"{state.code.ordinal}.{state.code.sendings}"
        act = EventType.CALL_DECIDED if state.code.by_call else EventType.CODE_DECIDED
        record_event(transaction, request.now, act, case.number, voter.id, reason=sending, actor=actor)


@dataclass(frozen=True, slots=True)
class QueuedCodeProcessor(OutboxMessageProcessor):
    dependencies: Dependencies
    sender: CodeSender

    def prepare(self, message: OutboxMessage, content: Kept | None) -> None:  # noqa: ARG002  # a waiting code has no content yet
        """Queue the SMS with the code, if the limits allow it now."""
        retry_on_conflict(lambda: self._process(message))

    def _process(self, message: OutboxMessage) -> None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            send_at = self._send_if_due(transaction, message, now)
            if send_at is None:
                transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason="no-longer-wanted")
            elif send_at > now:
                due = min(send_at, now + LOOK_AGAIN)
                transaction.outbox.retry(message, due=due, reason="not-its-turn", counted=False)
            else:
                transaction.outbox.finish(message, MessageState.SENT, at=now, reason="made")

    def _send_if_due(self, transaction: Transaction, message: OutboxMessage, now: datetime) -> datetime | None:
        voter_id = message.voter or 0
        transaction.voters.lock(voter_id)
        status, voter = read_status(self.dependencies, transaction, voter_id, now), transaction.voters.by_id(voter_id)
        case, last = status.case, status.last
        if case is None and last is not None and last.number == message.case and isinstance(last.state, CodeQueued):
            # A change of the voter's access has ended the case.
            self.sender.cancel_waiting_code(transaction, last.state, voter_id, now)
        if case is None or voter is None or case.number != message.case or not isinstance(case.state, CodeQueued):
            return None
        if not self.dependencies.calendar.allows(CalendarOperation.REISSUE_IDENTIFIER, now):
            return None
        sendings = self.sender.sending_limits.recent_sendings(transaction, voter_id, now)
        return self.sender.send_waiting_code(transaction, CodeSendingContext(case, voter, sendings, now), case.state)


@dataclass(frozen=True, slots=True)
class CodeSmsRecipientDecrypter(OutboxMessageProcessor):
    """Adds the phone number to an SMS with a security code."""

    dependencies: Dependencies
    sender: CodeSender

    def prepare(self, message: OutboxMessage, content: Kept | None) -> PreparedSms | None:
        """Return the SMS with the decrypted phone number, or None to drop the SMS.

        Raises MessageClaimLost, PhoneNumberUnreadable.
        """
        dependencies = self.dependencies
        with dependencies.store.read() as transaction:
            case = transaction.recoveries.by_number(message.case)
            voter = transaction.voters.by_id(message.voter or 0)
        number = None if case is None or not _may_get_code(voter, message) else getattr(case.state, "number", None)
        unaddressed = content if isinstance(content, SmsToPhoneOfCase) else None
        if unaddressed is not None and isinstance(number, SealedPhoneNumber) and number.digest == unaddressed.number:
            context = phone_number_sealing_context(message.case, unaddressed.voter)
            recipient = decrypt_phone_number(dependencies, context, number)
            return PreparedSms(message, msgspec.structs.replace(unaddressed.sms, recipient=recipient))
        now = dependencies.clock.now()
        with dependencies.store.write() as transaction:
            transaction.voters.lock(message.voter or 0)
            transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason="no-longer-wanted")
            self._release_limits(transaction, message, content, now)
        return None

    def on_message_end(
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        """Record that an SMS was refused. A code that no gateway received is no longer counted."""
        if state is MessageState.DROPPED and (case := transaction.recoveries.by_number(message.case)) is not None:
            record_code_not_delivered(transaction, case, message)
        # A few messages can reach a gateway without a counted attempt: if the courier is killed, or if the gateway does
        # not answer while the database is unavailable.
        if state is not MessageState.CANCELLED or message.attempts or message.sealed is None:
            return
        # Release nothing for a voter locked by a roll import, so that no sender waits for the import.
        if not transaction.voters.lock_without_waiting(message.voter or 0):
            return
        with suppress(SealedBodyUnreadable):
            content = open_message(self.dependencies.vault, message.id, message.sealed)
            self._release_limits(transaction, message, content, now)

    def _release_limits(
        self, transaction: Transaction, message: OutboxMessage, content: Kept | None, now: datetime
    ) -> None:
        if isinstance(content, SmsToPhoneOfCase):
            limits = self.sender.sending_limits
            limits.record_code_not_sent(transaction, message.voter or 0, content.number, message.created, now)
            self.sender.budgets.release_reservation(transaction, content.places)


def _may_get_code(voter: Voter | None, message: OutboxMessage) -> bool:
    if voter is None or voter.frozen is not None or voter.removed is not None:
        return False
    return voter.reopened is None or message.created > voter.reopened
