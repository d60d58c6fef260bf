"""Lets supervisors approve single actions at their own terminals."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core.desk.authorisation import (
    AgentSession,
    Authorisation,
    VerifiedCaller,
    is_same_supervisor,
    write_agent_event,
)
from core.desk.sessions import AgentSessions
from core.desk.subjects import name_of, require_voter_on_roll
from core.flows.dependencies import Dependencies, retry_on_conflict
from core.forms import errors
from core.ports import AgentRole, ApprovalRequest, ApprovalState, EventType, Transaction, Voter
from core.security.tokens import new_case_handle
from core.text.faces.supervisor_approval_texts import ActNeedingApproval, ReopeningReason

MOST_SHOWN = 20
OPEN = (ApprovalState.WAITING, ApprovalState.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequestStatus:
    id: str
    state: ApprovalState
    supervisor: str | None
    until: datetime
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionToApprove:
    """An action that a supervisor can approve. All times are in the election's time zone."""

    id: str
    act: ActNeedingApproval
    voter: int
    name: str
    academie: str | None
    frozen: datetime | None
    agent: str
    reason: ReopeningReason
    asked: datetime
    until: datetime


@dataclass(eq=False)
class Approvals:
    """Handles requests for approval. Each approval is valid once, for one action, voter and session."""

    dependencies: Dependencies
    authorisation: Authorisation
    sessions: AgentSessions

    # ── The agent ────────────────────────────────────────────────────────────────────────────────────────

    def request(
        self, session: AgentSession, caller: VerifiedCaller, act: ActNeedingApproval, reason: ReopeningReason
    ) -> ApprovalRequestStatus:
        """Request an approval, and withdraw earlier requests.

        Raises AccountNotFrozen, CallerNotVerified, VoterNotOnRoll, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_caller(session, caller)

        def request(transaction: Transaction) -> ApprovalRequestStatus:
            now, account = self.dependencies.clock.now(), require_voter_on_roll(transaction, caller.voter)
            if account.frozen is None:
                raise errors.AccountNotFrozen
            for former in transaction.signature_requests.answerable_or_usable_of(session.name, now):
                self._withdraw(transaction, session, former)
            asked = ApprovalRequest(
                id=new_case_handle(self.dependencies.entropy),
                act=act,
                voter=account.id,
                epoch=account.epoch,
                agent=session.name,
                session=session.id,
                reason=reason,
                asked=now,
                until=now + timedelta(minutes=self.dependencies.policy.signature_valid_minutes),
            )
            transaction.signature_requests.add(asked)
            event = EventType.SIGNATURE_REQUESTED
            write_agent_event(transaction, session.name, event, now, voter=account.id, reason=reason)
            return self._status(asked)

        return self.authorisation.write(session, request, voter=caller.voter)

    def follow(self, session: AgentSession, request: str) -> ApprovalRequestStatus:
        """Return the state of a request made in this session. Raises ApprovalNotUsable, AgentSessionOver."""
        with self.authorisation.read(session) as transaction:
            return self._status(_request_of_session(transaction, session, request))

    def withdraw(self, session: AgentSession, request: str) -> None:
        """Withdraw a request that is still open. Raises ApprovalNotUsable, AgentSessionOver."""
        self.authorisation.require_session(session)

        def withdraw() -> None:
            with self.dependencies.store.write() as transaction:
                found = _request_of_session(transaction, session, request)
                if found.state in OPEN:
                    self._withdraw(transaction, session, found)

        retry_on_conflict(withdraw)

    # ── The supervisor ───────────────────────────────────────────────────────────────────────────────────

    def action_to_approve(self, session: AgentSession, request: str) -> ActionToApprove:
        """Return the action to approve.

        Raises ApprovalRequestOver, SupervisorApprovalRefused, SupervisorNeeded, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_supervisor(session)
        with self.dependencies.store.read() as transaction:
            return self._describe_action(transaction, self._awaited(transaction, session, request))

    def approve(self, session: AgentSession, request: str, code: str) -> None:
        """Approve a request. `code` is the supervisor's authenticator code.

        Raises ApprovalRequestOver, ApprovalCodeWrong, AgentCodeUsed, TooManyAgentTries, SupervisorNeeded,
        AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_supervisor(session)
        try:
            with self.dependencies.store.read() as transaction:
                self._awaited(transaction, session, request)
        except errors.Refusal as refusal:
            self.authorisation.record_refusal(session, refusal)
            raise
        self.sessions.use_up_totp_code(session, code)
        self._answer(session, request, ApprovalState.ACCEPTED, EventType.SIGNATURE_ACCEPTED)

    def decline(self, session: AgentSession, request: str) -> None:
        """Decline a request.

        Raises ApprovalRequestOver, SupervisorApprovalRefused, SupervisorNeeded, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_supervisor(session)
        self._answer(session, request, ApprovalState.DECLINED, EventType.SIGNATURE_DECLINED)

    # ── In the transaction of another action ──────────────────────────────────────────────────────────────

    def actions_session_may_approve(self, transaction: Transaction, session: AgentSession) -> Iterator[ActionToApprove]:
        """Yield the actions that this agent may approve, oldest request first."""
        if session.role is AgentRole.SUPERVISOR:
            for waiting in transaction.signature_requests.waiting(self.dependencies.clock.now(), MOST_SHOWN):
                if waiting.agent != session.name:
                    yield self._describe_action(transaction, waiting)

    def use(
        self, transaction: Transaction, session: AgentSession, act: ActNeedingApproval, account: Voter, request: str
    ) -> str:
        """Mark an approval as used, and return the supervisor's name. Raises ApprovalNotUsable, ConflictError."""
        found = transaction.signature_requests.by_id(request)
        if found is None or found.supervisor is None or found.state is not ApprovalState.ACCEPTED:
            raise errors.ApprovalNotUsable
        wanted = (act, account.id, account.epoch, session.name, session.id)
        matches = (found.act, found.voter, found.epoch, found.agent, found.session) == wanted
        may_approve = is_same_supervisor(transaction, found.supervisor, found.signer_epoch)
        if not matches or not may_approve or found.supervisor == session.name or self._is_over(found):
            raise errors.ApprovalNotUsable
        transaction.signature_requests.change(found, msgspec.structs.replace(found, state=ApprovalState.USED))
        return found.supervisor

    # ── Parts ────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, session: AgentSession, request: str, state: ApprovalState, act: EventType) -> None:
        def answer(transaction: Transaction) -> None:
            found = self._awaited(transaction, session, request)
            answered = msgspec.structs.replace(found, state=state, supervisor=session.name, signer_epoch=session.epoch)
            transaction.signature_requests.change(found, answered)
            write_agent_event(transaction, session.name, act, self.dependencies.clock.now(), voter=found.voter)

        self.authorisation.write(session, answer)

    def _withdraw(self, transaction: Transaction, session: AgentSession, found: ApprovalRequest) -> None:
        withdrawn = msgspec.structs.replace(found, state=ApprovalState.WITHDRAWN)
        transaction.signature_requests.change(found, withdrawn)
        write_agent_event(
            transaction, session.name, EventType.SIGNATURE_WITHDRAWN, self.dependencies.clock.now(), voter=found.voter
        )

    def _awaited(self, transaction: Transaction, session: AgentSession, request: str) -> ApprovalRequest:
        found = transaction.signature_requests.by_id(request)
        if found is None or found.state is not ApprovalState.WAITING or self._is_over(found):
            raise errors.ApprovalRequestOver
        if found.agent == session.name:
            raise errors.SupervisorApprovalRefused
        return found

    def _is_over(self, found: ApprovalRequest) -> bool:
        return self.dependencies.clock.now() >= found.until

    def _status(self, found: ApprovalRequest) -> ApprovalRequestStatus:
        return ApprovalRequestStatus(
            id=found.id,
            state=found.state,
            supervisor=found.supervisor,
            until=self.dependencies.calendar.to_local(found.until),
            is_over=found.state in OPEN and self._is_over(found),
        )

    def _describe_action(self, transaction: Transaction, found: ApprovalRequest) -> ActionToApprove:
        account, local = transaction.voters.by_id(found.voter), self.dependencies.calendar.to_local
        frozen = None if account is None else account.frozen
        listed = transaction.directory.on_roll(found.voter)
        return ActionToApprove(
            id=found.id,
            act=found.act,
            voter=found.voter,
            name=name_of(transaction, found.voter) or "",
            academie=None if listed is None else listed.academie,
            frozen=None if frozen is None else local(frozen),
            agent=found.agent,
            reason=found.reason,
            asked=local(found.asked),
            until=local(found.until),
        )


def _request_of_session(transaction: Transaction, session: AgentSession, request: str) -> ApprovalRequest:
    found = transaction.signature_requests.by_id(request)
    if found is None or (found.agent, found.session) != (session.name, session.id):
        raise errors.ApprovalNotUsable
    return found
