from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.flows.dependencies import Dependencies
from core.flows.flow_messages import MailContent, MailTemplate
from core.journal import checkpoints
from core.journal.board_sentences import sentences_of_reported_events
from core.journal.sentences import CHECKPOINT_MAIL, REPORT_SUBJECT
from core.ports import Checkpoint, ComposedMail, JournalLine, MailRenderer, MailToCompose, OutboxMessage, Voter
from core.security import key_purposes
from core.text.faces.timeline_sentences import TimelineTexts
from core.text.text import Language, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWriter:
    dependencies: Dependencies
    composer: MailRenderer
    templates: Mapping[str, MailTemplate]
    """Maps each kind of email to the function that returns its content."""
    timeline: TimelineTexts
    desk_address: str
    board_address: str | None

    def checkpoint(self, checkpoint: Checkpoint, reports: Sequence[JournalLine]) -> MailContent:
        """Return the email that sends a checkpoint to the electoral board. The email names no voter."""
        statement, policy = checkpoints.checkpoint_statement_of(checkpoint), self.dependencies.policy
        facts = {
            "checkpoint": str(checkpoint.number),
            "lines": statement.lines,
            "made_at": Moment(self.dependencies.calendar.to_local(datetime.fromisoformat(statement.made))),
            "checkpoint_lines": policy.checkpoint_lines,
            "checkpoint_minutes": policy.checkpoint_minutes,
        }
        report_sentences = tuple(
            sentences_of_reported_events(reports, self.timeline, self.dependencies.calendar.to_local)
        )
        words = replace(
            CHECKPOINT_MAIL,
            subject=REPORT_SUBJECT if report_sentences else CHECKPOINT_MAIL.subject,
            body=(*report_sentences, *CHECKPOINT_MAIL.body),
            exact=checkpoints.checkpoint_lines(checkpoint),
        )
        return MailContent(message=words, facts=facts)

    def compose(self, mail: MailContent, message: OutboxMessage, voter: Voter | None) -> ComposedMail:
        recipient, language, names = self.desk_address if voter else self.board_address or "", Language.FRENCH, {}
        if voter is not None and not mail.to_desk:
            recipient, language = voter.email, mail.language or voter.language
            names = {"first_name": voter.first_name, "last_name": voter.last_name}
        # The creation time makes the name unique: after a failover the database may reuse ids.
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
