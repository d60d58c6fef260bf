"""Freezes an account for a verified caller, and opens it again with a supervisor's approval."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.desk import available_actions as words
from core.desk.available_actions import AvailableAction, DeskAction, blocking_reason
from core.desk.sessions_callers_and_approvals import (
    AgentSession,
    Authorisation,
    SupervisorApproval,
    VerifiedCaller,
    agent_event,
)
from core.desk.supervisor_approvals import ApprovalRequestUseCases
from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.password.definition import SLUG
from core.flows.password.states import CaseOpenedByDesk
from core.forms import errors
from core.ports import Durability, EventType, MessageKind, Transaction, Voter
from core.security.tokens import new_case_handle
from core.text.faces.supervisor_approval_texts import ActNeedingApproval


@dataclass(frozen=True, slots=True)
class AccountFreezing:
    """Freezing and unfreezing; a mail tells the voter of each."""

    dependencies: Dependencies
    authorisation: Authorisation
    signatures: ApprovalRequestUseCases

    def freeze_and_unfreeze_actions(
        self, session: AgentSession, voter: int, caller: VerifiedCaller | None = None
    ) -> tuple[AvailableAction, AvailableAction]:
        """Return both actions as their buttons show them. Raises AgentSessionOver, VoterNotOnRoll."""
        self.authorisation.require_session(session)
        blocked = blocking_reason(self.authorisation, session, voter, caller)
        with self.dependencies.store.read() as transaction:
            frozen = require_voter_on_roll(transaction, voter).frozen is not None
        return (
            AvailableAction(DeskAction.FREEZE, blocked or (words.IS_FROZEN_ALREADY if frozen else None)),
            AvailableAction(DeskAction.UNFREEZE, blocked or (None if frozen else words.IS_NOT_FROZEN)),
        )

    def freeze(self, session: AgentSession, caller: VerifiedCaller) -> None:
        """End every link and session of that voter; do nothing when the account is frozen already.

        Raises CallerNotVerified, VoterNotOnRoll, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_caller(session, caller)
        with self.authorisation.record_refusals(session, voter=caller.voter):
            retry_on_conflict(lambda: self._freeze(session, caller.voter))

    def _freeze(self, session: AgentSession, voter: int) -> None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write(Durability.FULL) as transaction:
            found = require_voter_on_roll(transaction, voter)
            if found.frozen is not None:
                return
            transaction.voters.freeze(voter, epoch=found.epoch, at=now)
            case = self._notify(transaction, MessageKind.FROZEN, found, now)
            event = agent_event(session.name, EventType.FROZEN, now, voter=voter, case=case, reason="by-desk")
            transaction.journal.write(event)

    def unfreeze(self, session: AgentSession, caller: VerifiedCaller, approval: SupervisorApproval) -> None:
        """Open the account again without a password: the voter chooses a new one by the usual way.

        Raises SupervisorApprovalRefused, AccountNotFrozen, CallerNotVerified, VoterNotOnRoll, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_caller(session, caller)

        def approve(transaction: Transaction, account: Voter) -> str:
            self.authorisation.require_supervisor_approval(transaction, session, account, approval)
            return approval.supervisor

        with self.authorisation.record_refusals(session, voter=caller.voter):
            retry_on_conflict(lambda: self._unfreeze(session, caller.voter, approve))

    def unfreeze_with_requested_approval(self, session: AgentSession, caller: VerifiedCaller, request: str) -> None:
        """Do the same with an approval that was requested and given at another terminal; the act uses it up.

        Raises ApprovalNotUsable, AccountNotFrozen, CallerNotVerified, VoterNotOnRoll, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_caller(session, caller)

        def use(transaction: Transaction, account: Voter) -> str:
            return self.signatures.use(transaction, session, ActNeedingApproval.UNFREEZE, account, request)

        with self.authorisation.record_refusals(session, voter=caller.voter):
            retry_on_conflict(lambda: self._unfreeze(session, caller.voter, use))

    def _unfreeze(self, session: AgentSession, voter: int, approver: Callable[[Transaction, Voter], str]) -> None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write(Durability.FULL) as transaction:
            found = require_voter_on_roll(transaction, voter)
            if found.frozen is None:
                raise errors.AccountNotFrozen
            supervisor = approver(transaction, found)
            transaction.voters.unfreeze(voter, epoch=found.epoch, at=now)
            case = self._notify(transaction, MessageKind.REOPENED, found, now)
            acts = (session.name, EventType.UNFROZEN), (supervisor, EventType.COUNTERSIGNED)
            for agent, act in acts:
                transaction.journal.write(agent_event(agent, act, now, voter=voter, case=case))

    def _notify(self, transaction: Transaction, kind: MessageKind, voter: Voter, now: datetime) -> str:
        """Queue a notice to the voter and a message to the voting platform; return the number of the voter's case."""
        case = self._case(transaction, voter)
        self.dependencies.queue_notice(transaction, kind, case=case, voter=voter.id, at=now)
        self.dependencies.queue_freeze_update(transaction, case=case, voter=voter.id, at=now)
        return case

    def _case(self, transaction: Transaction, voter: Voter) -> str:
        """Return the latest case; a voter who never asked for anything gets one, to have a number to quote."""
        latest = transaction.recoveries.of_voter(voter.id, 1)
        if latest:
            return latest[0].number
        state, handle = (
            CaseOpenedByDesk(typed=voter.email, address=voter.email),
            new_case_handle(self.dependencies.entropy),
        )
        return self.dependencies.add_case(transaction, state, flow=SLUG, handle=handle, voter=voter.id).number


def require_voter_on_roll(transaction: Transaction, voter: int) -> Voter:
    """Return a voter who is still on the roll. Raises VoterNotOnRoll."""
    found = transaction.voters.by_id(voter)
    if found is None or found.removed is not None:
        raise errors.VoterNotOnRoll
    return found
