"""Sentences for the reasons of events that the sentence of the event does not tell, as the desk reads them."""

import re
from collections.abc import Iterator

from core.desk.step_view import sentence_filler
from core.flows.incident_catalogue import BY_NAME
from core.forms import errors
from core.journal.board_report_sentences import sentences_of_reported_reason
from core.ports import REFUSALS, EventType
from core.text.faces import journal_screen_texts as words
from core.text.faces.incident_page_texts import WHERE
from core.text.faces.timeline_sentences import TimelineTexts
from core.text.text import Text

TOLD_BY_EVENT = {EventType.MAIL_CANCELLED, EventType.SMS_CANCELLED, EventType.FROZEN, EventType.LOSS_DECLARED}
"""The events whose own sentence says all that there is to say of their reason."""
INCIDENT = re.compile(r"(?P<number>\d+) (?P<sentence>\S+) (?P<scope>\S+) ?(?P<subject>.*)")
"""The reason of an announced incident."""


def reason_sentences(texts: TimelineTexts, event: str, reason: str | None) -> tuple[Text, ...]:
    """Return what a reason says beyond the sentence of its event; a relay's own answer is quoted."""
    if not reason or event in TOLD_BY_EVENT or reason in texts.reasons.get(event, {}):
        return ()
    said = tuple(_words(event, reason))
    # What is refused without a sentence of its own is a stable word that the event's sentence says already.
    return said if said or event in REFUSALS else sentences_of_reported_reason(event, reason)


def _words(event: str, reason: str) -> Iterator[Text]:
    match event:
        case EventType.SEARCHED if reason.isdecimal():
            yield words.SEARCHES.for_count(int(reason))
        case EventType.CODE_DECIDED:
            code, _, sending = reason.partition(".")
            yield words.CODE_AND_SENDING.fill({"code": code, "sending": sending})
        case EventType.IDENTIFIER_IN_FORCE:
            yield words.ORDINAL_OF_IDENTIFIER.fill({"ordinal": reason})
        case EventType.MAIL_ACCEPTED | EventType.SMS_ACCEPTED:
            yield words.TAKEN_BY.fill({"provider": reason.rpartition(" ")[2]})
        case EventType.CODE_QUEUED:
            yield words.WAITS_FOR_BUDGET
        case EventType.INCIDENT_ANNOUNCED:
            yield from _announced_incident(reason)
        case EventType.INCIDENT_ENDED:
            yield words.INCIDENT_ENDED.fill({"number": reason})
        case EventType.CALENDAR_REFUSED if reason in words.OPERATIONS:
            yield words.OPERATIONS[reason]
        case _ if event in REFUSALS and reason in (known := errors.error_classes_by_id(errors.Refusal)):
            yield sentence_filler({})(known[reason].title)


def _announced_incident(reason: str) -> Iterator[Text]:
    said = INCIDENT.fullmatch(reason)
    if said and (sentence := BY_NAME.get(said["sentence"])) and (where := WHERE.get(said["scope"])):
        filled = {"number": said["number"], "title": sentence.title, "where": where.fill(said.groupdict())}
        yield words.INCIDENT_ANNOUNCED.fill(filled)
