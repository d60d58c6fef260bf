from dataclasses import dataclass

from core.flows.account.stop_change_definition import StoppableChange
from core.flows.account.stop_change_links import stop_link
from core.flows.dependencies import Dependencies
from core.flows.flow_messages import MailContent
from core.flows.password.definition import PasswordFlow
from core.flows.password.states import LastRequestTimes, LinkRequestPending, LinkSent
from core.ports import OutboxMessage, Voter
from core.text.text import Moment
from core.text.urls import LINK_PATH


@dataclass(frozen=True, slots=True)
class LinkToSend:
    window: LastRequestTimes
    token: str


@dataclass(frozen=True, slots=True)
class PasswordMailWriter:
    dependencies: Dependencies
    steps: PasswordFlow

    def link(self, _message: OutboxMessage, _voter: Voter, answer: object) -> MailContent:
        assert isinstance(answer, LinkToSend)  # noqa: S101  # passed by the courier
        local = self.dependencies.calendar.to_local
        address = f"{self.dependencies.election.site}{LINK_PATH}{answer.token}"
        return MailContent(
            message=self.steps.mail.message,
            facts={"asked_at": Moment(local(answer.window.at)), "until": Moment(local(answer.window.until))},
            link=address,
            language=answer.window.language,
        )

    def refusal(self, _message: OutboxMessage, _voter: Voter, state: object) -> MailContent:
        """Return the email to send if the account is frozen. This email contains no recovery link."""
        assert isinstance(state, LinkRequestPending | LinkSent)  # noqa: S101  # the states with a requested link
        local, window = self.dependencies.calendar.to_local, state.asking
        facts = {"asked_at": Moment(local(window.at)), "until": Moment(local(window.until))}
        return MailContent(message=self.steps.refusal_mail, facts=facts, language=window.language)

    def password_changed(self, message: OutboxMessage, voter: Voter, _state: object) -> MailContent:
        """Return the email about a new password, with a link to freeze the account."""
        facts = {"changed_at": Moment(self.dependencies.calendar.to_local(message.created))}
        link = stop_link(self.dependencies, message, voter, StoppableChange.PASSWORD)
        return MailContent(message=self.steps.notice, facts=facts, link=link)
