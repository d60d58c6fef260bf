from dataclasses import dataclass
from datetime import datetime

from core.flows.account.stop_change_definition import StoppableChange
from core.flows.account.stop_change_links import stop_link
from core.flows.dependencies import Dependencies
from core.flows.flow_messages import MailContent
from core.flows.identifier.current_step import ReissueStepChooser, undelivered_identifier_facts
from core.flows.identifier.definition import IdentifierFlow
from core.flows.identifier.reissue_completion import phone_ending_of
from core.flows.identifier.reissue_status import is_epoch_valid, record_event
from core.flows.identifier.states import ConfirmationAwaited, IdentifierSmsUndelivered, ReissueAborted
from core.ports import Actor, EventType, LinkKind, LinkRecord, OutboxMessage, Transaction, Voter
from core.security.tokens import digest, new_token
from core.text.text import Moment
from core.text.urls import CONFIRM_PATH


@dataclass(frozen=True, slots=True)
class ReissueMailWriter:
    dependencies: Dependencies
    steps: IdentifierFlow
    case_steps: ReissueStepChooser

    def confirmation(self, message: OutboxMessage, voter: Voter, state: object) -> MailContent | None:
        """Return the email with the confirmation link, or None if the link is no longer needed."""
        now, confirmation = self.dependencies.clock.now(), self.steps.confirmation
        if confirmation is None or not isinstance(state, ConfirmationAwaited):
            return None
        if state.is_lapsed(now) or not is_epoch_valid(voter, state.epoch):
            return None
        token, epoch, until = new_token(self.dependencies.entropy), state.epoch, state.until

        def record(transaction: Transaction) -> None:
            link = LinkRecord(
                digest=digest(token),
                case=message.case,
                voter=voter.id,
                epoch=epoch,
                expires=until,
                kind=LinkKind.CONFIRMATION,
            )
            transaction.links.add(link)
            record_event(transaction, now, EventType.LINK_DECIDED, message.case, voter.id, actor=Actor.COURIER)

        return MailContent(
            message=confirmation.mail.message,
            facts=self.case_steps.confirmation_facts(state),
            link=f"{self.dependencies.election.site}{CONFIRM_PATH}{token}",
            stop_link=stop_link(self.dependencies, message, voter, StoppableChange.IDENTIFIER),
            language=state.number.language,
            record=record,
        )

    def reissued(self, message: OutboxMessage, voter: Voter, state: object) -> MailContent | None:
        ending = phone_ending_of(state)
        if ending is None:
            return None
        facts = {"requested_at": Moment(self._local(message.created)), "ending": ending}
        link = stop_link(self.dependencies, message, voter, StoppableChange.IDENTIFIER)
        return MailContent(message=self.steps.notice, facts=facts, link=link)

    def undelivered(self, _message: OutboxMessage, _voter: Voter, state: object) -> MailContent | None:
        """Return the email about an undelivered identifier, or None if the email is no longer needed."""
        if not isinstance(state, IdentifierSmsUndelivered | ReissueAborted):
            return None
        return MailContent(message=self.steps.failure_mail, facts=undelivered_identifier_facts(state))

    def _local(self, moment: datetime) -> datetime:
        return self.dependencies.calendar.to_local(moment)
