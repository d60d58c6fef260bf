"""The checks of `retrouve doctor`, one file a subject. A check never raises: an error is its finding."""

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from core.adapters.key_vault import KeyFileRefused
from core.app.health import doctor_sentences as words
from core.text.text import SentenceEnum, Text


class DoctorCheckSeverity(SentenceEnum):
    """The severity of a finding: voters are served, at risk, or not served."""

    OK = "ok", words.OK
    ATTENTION = "attention", words.ATTENTION
    FAULT = "fault", words.FAULT


NOT_READY = (SQLAlchemyError, ImportError, KeyFileRefused)
"""Failures of a database or of keys, which one check reports and the others pass over."""


@dataclass(frozen=True, slots=True)
class DoctorCheckResult:
    """A subject, the finding, and its remedy."""

    verdict: DoctorCheckSeverity
    subject: Text
    finding: Text
    remedy: Text | None = None

    def sentence(self) -> Text:
        """Return the whole check in one line."""
        line = words.LINE if self.remedy is None else words.LINE_WITH_REMEDY
        said = {"verdict": self.verdict.sentence, "subject": self.subject}
        return line.fill({**said, "finding": self.finding, "remedy": self.remedy})


def failure_detail(failure: Exception) -> dict[str, str]:
    """Return the `detail` of a finding: the first line of what a library says, or the kind of its failure."""
    return {"detail": str(failure).partition("\n")[0] or type(failure).__name__}


def passed(subject: Text, finding: Text) -> DoctorCheckResult:
    """Make a check whose finding is good."""
    return DoctorCheckResult(DoctorCheckSeverity.OK, subject, finding)


def warning(subject: Text, finding: Text, remedy: Text) -> DoctorCheckResult:
    """Make a check whose finding works but needs attention."""
    return DoctorCheckResult(DoctorCheckSeverity.ATTENTION, subject, finding, remedy)


def fault(subject: Text, finding: Text, remedy: Text | None = None) -> DoctorCheckResult:
    """Make a check whose finding does not work."""
    return DoctorCheckResult(DoctorCheckSeverity.FAULT, subject, finding, remedy)
