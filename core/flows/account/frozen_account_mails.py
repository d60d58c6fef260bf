"""The mails about frozen accounts: to the desk when a voter froze theirs, to the voter when the desk did or undid it."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.flows.account.stop_change_definition import StopChangeFlow
from core.flows.dependencies import Dependencies
from core.flows.flow_mails_and_outbox_processors import MailContent, MailTemplate
from core.ports import MessageKind, OutboxMessage, Voter
from core.text.text import Moment


@dataclass(frozen=True, slots=True)
class FrozenAccountMailWriter:
    """Writes the flow's mails."""

    dependencies: Dependencies
    steps: StopChangeFlow

    @property
    def mail_templates_by_kind(self) -> Mapping[str, MailTemplate]:
        """The mails, by the kind of their outbox message."""
        return {
            MessageKind.STOPPED: self._stopped,
            MessageKind.FROZEN: self._frozen,
            MessageKind.REOPENED: self._reopened,
        }

    def _stopped(self, message: OutboxMessage, _voter: Voter, _state: object) -> MailContent:
        """Return the mail to the desk about a voter who froze their account. It names the case, not the person."""
        return MailContent(message=self.steps.desk_notice, facts={"frozen_at": self._at(message)}, to_desk=True)

    def _frozen(self, message: OutboxMessage, _voter: Voter, _state: object) -> MailContent:
        """Return the mail to a voter whose account the desk has frozen."""
        return MailContent(message=self.steps.frozen_notice, facts={"frozen_at": self._at(message)})

    def _reopened(self, message: OutboxMessage, _voter: Voter, _state: object) -> MailContent:
        """Return the mail to a voter whose account the desk has opened again."""
        return MailContent(message=self.steps.reopened_notice, facts={"reopened_at": self._at(message)})

    def _at(self, message: OutboxMessage) -> Moment:
        return Moment(self.dependencies.calendar.to_local(message.created))
