"""The sentences of call-backs and hand-overs on an agent's home."""

from core.desk.call_backs import CallBackLine
from core.desk.hand_overs import HandOverLine
from core.ports import AnswerWay, CallBackOrigin
from core.text.faces import call_sentences as words
from core.text.text import Moment, Text


def call_back_sentence(line: CallBackLine) -> Text:
    """Return what is to be done, and about what."""
    if line.way is AnswerWay.WRITING:
        sentence = words.ANSWER_LATE if line.is_late else words.ANSWER_IN_WRITING
    elif line.is_late:
        sentence = words.ASKED_ON_SITE_LATE
    elif line.origin is CallBackOrigin.WEB_FORM:
        sentence = words.ASKED_ON_SITE_DUE if line.is_due else words.ASKED_ON_SITE_LATER
    else:
        sentence = words.CALL_BACK_DUE if line.is_due else words.CALL_BACK_LATER
    until = {} if line.until is None else {"until": Moment(line.until)}
    return sentence.fill({"reason": line.reason.sentence, **until})


def call_back_detail(line: CallBackLine, agent: str) -> Text | None:
    """Return who has taken it, or for whom it is; nothing when it is anyone's."""
    if line.taken_by is not None:
        return words.TAKEN_BY_YOU if line.taken_by == agent else words.TAKEN_BY.fill({"agent": line.taken_by})
    if line.assigned is None:
        return None
    return words.FOR_YOU if line.assigned == agent else words.FOR_AGENT.fill({"agent": line.assigned})


def hand_over_sentence(line: HandOverLine) -> Text:
    """Return by whom a file is handed over, and why."""
    return words.HANDED_OVER.fill({"agent": line.given_by, "reason": line.reason.sentence})


def hand_over_detail(line: HandOverLine) -> Text | None:
    """Return that its receiver is no agent any more, so that anyone may take it."""
    return None if line.receiver_gone is None else words.RECEIVER_GONE.fill({"agent": line.receiver_gone})
