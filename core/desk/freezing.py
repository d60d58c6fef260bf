"""Freezes and reopens a voter's account. Reopening requires a supervisor's approval."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.desk import actions as words
from core.desk.actions import AvailableAction, DeskAction
from core.desk.approvals import Approvals
from core.desk.authorisation import (
    AgentSession,
    Authorisation,
    SupervisorApproval,
    VerifiedCaller,
    write_agent_event,
)
from core.desk.subjects import require_voter_on_roll
from core.desk.verification import CallerVerification
from core.flows.dependencies import Dependencies
from core.flows.password.definition import SLUG
from core.flows.password.states import CaseOpenedByDesk
from core.forms import errors
from core.ports import EventType, MessageKind, Transaction, Voter
from core.security.tokens import new_case_handle
from core.text.faces.supervisor_approval_texts import ActNeedingApproval


@dataclass(eq=False)
class AccountFreezing:
    dependencies: Dependencies
    authorisation: Authorisation
    signatures: Approvals
    verification: CallerVerification

    def freeze_and_unfreeze_actions(
        self, session: AgentSession, voter: int, caller: VerifiedCaller | None = None
    ) -> tuple[AvailableAction, AvailableAction]:
        """Return both actions. If the account is frozen, "unfreeze" comes first."""
        with self.authorisation.read(session) as transaction:
            frozen = require_voter_on_roll(transaction, voter).frozen is not None
            blocked = self.verification.why_not_act(transaction, session, voter, caller)
        freeze = AvailableAction(DeskAction.FREEZE, blocked or (words.IS_FROZEN_ALREADY if frozen else None))
        unfreeze = AvailableAction(DeskAction.UNFREEZE, blocked or (None if frozen else words.IS_NOT_FROZEN))
        return (unfreeze, freeze) if frozen else (freeze, unfreeze)

    def freeze(self, session: AgentSession, caller: VerifiedCaller) -> None:
        """Freeze an account, and end the voter's links and sessions.

        Raises CallerNotVerified, VoterNotOnRoll, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_caller(session, caller)

        def freeze(transaction: Transaction) -> None:
            now, voter = self.dependencies.clock.now(), require_voter_on_roll(transaction, caller.voter)
            if voter.frozen is None:
                transaction.voters.freeze(voter.id, epoch=voter.epoch, at=now)
                case = self._notify(transaction, MessageKind.FROZEN, voter, now)
                write_agent_event(
                    transaction, session.name, EventType.FROZEN, now, voter=voter.id, case=case, reason="by-desk"
                )

        self.authorisation.write(session, freeze, voter=caller.voter)

    def unfreeze(self, session: AgentSession, caller: VerifiedCaller, approval: SupervisorApproval) -> None:
        """Reopen an account and remove its password.

        Raises SupervisorApprovalRefused, AccountNotFrozen, CallerNotVerified, VoterNotOnRoll, AgentSessionOver,
        ActionNotAllowed.
        """

        def approver(transaction: Transaction, account: Voter) -> str:
            self.authorisation.require_supervisor_approval(transaction, session, account, approval)
            return approval.supervisor

        self._unfreeze(session, caller, approver)

    def unfreeze_with_requested_approval(self, session: AgentSession, caller: VerifiedCaller, request: str) -> None:
        """Reopen an account with an approval from another terminal.

        Raises ApprovalNotUsable, AccountNotFrozen, CallerNotVerified, VoterNotOnRoll, AgentSessionOver,
        ActionNotAllowed.
        """

        def approver(transaction: Transaction, account: Voter) -> str:
            return self.signatures.use(transaction, session, ActNeedingApproval.UNFREEZE, account, request)

        self._unfreeze(session, caller, approver)

    def _unfreeze(
        self, session: AgentSession, caller: VerifiedCaller, approver: Callable[[Transaction, Voter], str]
    ) -> None:
        self.authorisation.require_caller(session, caller)

        def unfreeze(transaction: Transaction) -> None:
            now, voter = self.dependencies.clock.now(), require_voter_on_roll(transaction, caller.voter)
            if voter.frozen is None:
                raise errors.AccountNotFrozen
            supervisor = approver(transaction, voter)
            transaction.voters.unfreeze(voter.id, epoch=voter.epoch, at=now)
            case = self._notify(transaction, MessageKind.REOPENED, voter, now)
            for agent, act in (session.name, EventType.UNFROZEN), (supervisor, EventType.COUNTERSIGNED):
                write_agent_event(transaction, agent, act, now, voter=voter.id, case=case)

        self.authorisation.write(session, unfreeze, voter=caller.voter)

    def _notify(self, transaction: Transaction, kind: MessageKind, voter: Voter, now: datetime) -> str:
        latest = transaction.recoveries.of_voter(voter.id, 1)
        if latest:
            case = latest[0].number
        else:  # the notice must name a case
            state, handle = (
                CaseOpenedByDesk(typed=voter.email, address=voter.email),
                new_case_handle(self.dependencies.entropy),
            )
            case = self.dependencies.add_case(transaction, state, flow=SLUG, handle=handle, voter=voter.id).number
        self.dependencies.queue_notice(transaction, kind, case=case, voter=voter.id, at=now)
        self.dependencies.queue_freeze_update(transaction, case=case, voter=voter.id, at=now)
        return case
