"""The checks of `retrouve doctor`. Each file checks one subject. Checks return errors instead of raising them."""

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from core.adapters.key_vault import KeyFileRefused
from core.app.health import doctor_sentences as words
from core.text.text import SentenceEnum, Text


class DoctorCheckSeverity(SentenceEnum):
    OK = "ok", words.OK
    ATTENTION = "attention", words.ATTENTION
    FAULT = "fault", words.FAULT


NOT_READY = (SQLAlchemyError, ImportError, KeyFileRefused)


@dataclass(frozen=True, slots=True)
class DoctorCheckResult:
    verdict: DoctorCheckSeverity
    subject: Text
    finding: Text
    remedy: Text | None = None

    def sentence(self) -> Text:
        line = words.LINE if self.remedy is None else words.LINE_WITH_REMEDY
        facts = {"verdict": self.verdict.sentence, "subject": self.subject}
        return line.fill({**facts, "finding": self.finding, "remedy": self.remedy})


def failure_detail(failure: Exception) -> dict[str, str]:
    """Return the first line of the exception's message.

    If the message is empty, return the name of the exception class.
    """
    return {"detail": str(failure).partition("\n")[0] or type(failure).__name__}


def passed(subject: Text, finding: Text) -> DoctorCheckResult:
    return DoctorCheckResult(DoctorCheckSeverity.OK, subject, finding)


def warning(subject: Text, finding: Text, remedy: Text) -> DoctorCheckResult:
    return DoctorCheckResult(DoctorCheckSeverity.ATTENTION, subject, finding, remedy)


def fault(subject: Text, finding: Text, remedy: Text | None = None) -> DoctorCheckResult:
    return DoctorCheckResult(DoctorCheckSeverity.FAULT, subject, finding, remedy)
