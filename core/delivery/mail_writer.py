"""Compose each mail that the courier sends, with the words, facts and links of the flows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.flows.dependencies import Dependencies
from core.flows.flow_messages import MailContent, MailTemplate
from core.journal import checkpoints
from core.journal.board_report_sentences import sentences_of_reported_events
from core.journal.sentences import CHECKPOINT_MAIL, REPORT_SUBJECT
from core.ports import Checkpoint, ComposedMail, JournalLine, MailRenderer, MailToCompose, OutboxMessage, Voter
from core.security import key_purposes
from core.text.faces.timeline_sentences import TimelineTexts
from core.text.text import Language, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWriter:
    """Writes mails to voters, to the desk and to the electoral board."""

    dependencies: Dependencies
    composer: MailRenderer
    templates: Mapping[str, MailTemplate]
    """Functions that write a mail, by the kind of its outbox message."""
    timeline: TimelineTexts
    """The sentences of events."""
    desk_address: str
    board_address: str | None

    def write(self, kind: str, message: OutboxMessage, voter: Voter, state: object) -> ComposedMail:
        """Compose the mail of a kind whose template always writes one. `state` is what the template needs."""
        mail = self.templates[kind](message, voter, state)
        assert mail is not None  # noqa: S101  # a refusal, or a link
        return self.compose(mail, message, voter)

    def compose_checkpoint(
        self, message: OutboxMessage, checkpoint: Checkpoint, reports: Sequence[JournalLine], to: str
    ) -> ComposedMail:
        """Compose the mail of a checkpoint to the board: interventions and alarms, and lines that the board can check.

        It names no voter.
        """
        said, policy = checkpoints.checkpoint_statement_of(checkpoint), self.dependencies.policy
        facts = {
            "checkpoint": str(checkpoint.number),
            "lines": said.lines,
            "made_at": Moment(self.dependencies.calendar.to_local(datetime.fromisoformat(said.made))),
            "checkpoint_lines": policy.checkpoint_lines,
            "checkpoint_minutes": policy.checkpoint_minutes,
        }
        told = tuple(sentences_of_reported_events(reports, self.timeline, self.dependencies.calendar.to_local))
        words = replace(
            CHECKPOINT_MAIL,
            subject=REPORT_SUBJECT if told else CHECKPOINT_MAIL.subject,
            body=(*told, *CHECKPOINT_MAIL.body),
            exact=checkpoints.checkpoint_lines(checkpoint),
        )
        return self.compose(MailContent(message=words, facts=facts), message, None, to=to)

    def compose(
        self, mail: MailContent, message: OutboxMessage, voter: Voter | None, *, to: str | None = None
    ) -> ComposedMail:
        """Compose a mail to the voter, or in French to the desk or that other reader, to whom no voter is named."""
        recipient, language, names = to or self.desk_address, Language.FRENCH, {}
        if voter is not None and not mail.to_desk:
            recipient, language = voter.email, mail.language or voter.language
            names = {"first_name": voter.first_name, "last_name": voter.last_name}
        # With its moment: after a failover the database gives the same ids again.
        message_name = f"{message.id} {message.created.isoformat()}".encode()
        return self.composer.compose(
            MailToCompose(
                message=mail.message,
                to=recipient,
                facts={**mail.facts, **names, "case": message.case},
                language=language,
                link=mail.link,
                stop_link=mail.stop_link,
                case=message.case,
                message_key=self.dependencies.vault.digest(key_purposes.MESSAGE_ID, message_name),
                at=self.dependencies.calendar.to_local(self.dependencies.clock.now()),
            )
        )
