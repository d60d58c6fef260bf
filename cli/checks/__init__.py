"""What `retrouve doctor` looks at, one file a subject. A check never raises: what goes wrong is what it finds."""

from dataclasses import dataclass
from enum import StrEnum

from core.text import Text
from core.words import doctor as words


class Verdict(StrEnum):
    """How bad it is: voters are served, somewhat at risk, or not served."""

    OK = "ok"
    ATTENTION = "attention"
    FAULT = "fault"


SAID = {Verdict.OK: words.OK, Verdict.ATTENTION: words.ATTENTION, Verdict.FAULT: words.FAULT}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, what was found, and what to do about it."""

    verdict: Verdict
    subject: Text
    finding: Text
    remedy: Text | None = None

    def sentence(self) -> Text:
        """All of it in one line."""
        line = words.LINE if self.remedy is None else words.LINE_WITH_REMEDY
        return line.fill(
            {
                "verdict": SAID[self.verdict],
                "subject": self.subject,
                "finding": self.finding,
                "remedy": self.remedy,
            }
        )


def ok(subject: Text, finding: Text) -> Check:
    """As it should be."""
    return Check(Verdict.OK, subject, finding)


def attention(subject: Text, finding: Text, remedy: Text) -> Check:
    """Works, but look at it."""
    return Check(Verdict.ATTENTION, subject, finding, remedy)


def fault(subject: Text, finding: Text, remedy: Text | None = None) -> Check:
    """Does not work."""
    return Check(Verdict.FAULT, subject, finding, remedy)
