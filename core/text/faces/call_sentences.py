"""The outcomes of calls, the reasons of call-backs and hand-overs, and what the timeline and the home say of them.

All of them are fixed lists: an agent who could type here would sooner or later type a secret.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from core.text.faces.timeline_sentences import TimelineText, TimelineTexts, negative_line, neutral_line, positive_line
from core.text.text import N_, Text

SECONDS_OF_MINUTE = 60
LONGEST_CALL = timedelta(hours=12)


class CallOutcome(StrEnum):
    """Outcomes of a call. The order is that of the list, and gives each its digit."""

    SOLVED = "solved"
    MESSAGE_SENT = "message-sent"
    CALL_BACK = "call-back"
    PASSED_ON = "passed-on"
    NOT_VERIFIED = "not-verified"
    NOT_ENTITLED = "not-entitled"
    CUT_OFF = "cut-off"
    OTHER_SERVICE = "other-service"
    NO_ANSWER = "no-answer"
    """Of a call that the desk made."""
    ANSWERED = "answered"
    """Of a call-back that was wanted in writing; no call ends so."""


OUTCOMES: Mapping[CallOutcome, Text] = {
    CallOutcome.SOLVED: N_("Résolu"),
    CallOutcome.MESSAGE_SENT: N_("Message envoyé, la personne l'attend"),
    CallOutcome.CALL_BACK: N_("Rappel promis"),
    CallOutcome.PASSED_ON: N_("Passé à un collègue"),
    CallOutcome.NOT_VERIFIED: N_("Identité non vérifiée"),
    CallOutcome.NOT_ENTITLED: N_("Pas sur la liste électorale"),
    CallOutcome.CUT_OFF: N_("Appel coupé"),
    CallOutcome.OTHER_SERVICE: N_("Orienté vers un autre service"),
    CallOutcome.NO_ANSWER: N_("Pas de réponse à notre appel"),
    CallOutcome.ANSWERED: N_("Répondu par écrit"),
}


class ContactReason(StrEnum):
    """Subjects of a call-back, as an agent or the person chooses them."""

    PASSWORD = "password"
    IDENTIFIER = "identifier"
    MAIL_MISSING = "mail-missing"
    SMS_MISSING = "sms-missing"
    FROZEN = "frozen"
    ROLL = "roll"
    STEP_BY_STEP = "step-by-step"
    MAILBOX = "mailbox"
    OTHER = "other"


CONTACT_REASONS: Mapping[ContactReason, Text] = {
    ContactReason.PASSWORD: N_("Mot de passe"),
    ContactReason.IDENTIFIER: N_("Identifiant de vote"),
    ContactReason.MAIL_MISSING: N_("Message qui n'arrive pas"),
    ContactReason.SMS_MISSING: N_("SMS qui n'arrive pas"),
    ContactReason.FROZEN: N_("Compte bloqué"),
    ContactReason.ROLL: N_("Liste électorale"),
    ContactReason.STEP_BY_STEP: N_("À guider pas à pas"),
    ContactReason.MAILBOX: N_("Messagerie impossible à ouvrir"),
    ContactReason.OTHER: N_("Autre question"),
}


class HandOverReason(StrEnum):
    """The reason for which a file is handed to a colleague."""

    END_OF_SHIFT = "end-of-shift"
    SUPERVISOR_NEEDED = "supervisor-needed"
    ENGLISH = "english"
    TECHNICAL = "technical"
    KNOWN_CASE = "known-case"


HAND_OVER_REASONS: Mapping[HandOverReason, Text] = {
    HandOverReason.END_OF_SHIFT: N_("Fin de service : à suivre"),
    HandOverReason.SUPERVISOR_NEEDED: N_("Il faut un responsable"),
    HandOverReason.ENGLISH: N_("La personne parle anglais"),
    HandOverReason.TECHNICAL: N_("Question technique"),
    HandOverReason.KNOWN_CASE: N_("Vous connaissez ce dossier"),
}


class CallBackDueChoice(StrEnum):
    """The time at which a person can be called back."""

    IN_ONE_HOUR = "in-one-hour"
    THIS_AFTERNOON = "this-afternoon"
    NEXT_MORNING = "next-morning"
    NEXT_AFTERNOON = "next-afternoon"


DUE_CHOICES: Mapping[CallBackDueChoice, Text] = {
    CallBackDueChoice.IN_ONE_HOUR: N_("Dans une heure, à {time}"),
    CallBackDueChoice.THIS_AFTERNOON: N_("Cet après-midi, à {time}"),
    CallBackDueChoice.NEXT_MORNING: N_("{day}, à {time}"),
    CallBackDueChoice.NEXT_AFTERNOON: N_("{day}, à {time}"),
}

# ── On the home ──────────────────────────────────────────────────────────────────────────────────────────

CALL_BACK_DUE = N_("Rappel dû : {reason}")
CALL_BACK_LATER = N_("Rappel promis : {reason}")
ASKED_ON_SITE_DUE = N_("Rappel demandé sur le site, dû : {reason}")
ASKED_ON_SITE_LATER = N_("Rappel demandé sur le site : {reason}")
ANSWER_IN_WRITING = N_("Réponse écrite à donner avant le {until} : {reason}")
ANSWER_LATE = N_("Réponse écrite en retard, promise avant le {until} : {reason}")
ASKED_ON_SITE_LATE = N_("Rappel demandé sur le site, en retard, promis avant le {until} : {reason}")
HANDED_OVER = N_("Fiche confiée par {agent} : {reason}")
RECEIVER_GONE = N_("confiée à {agent}, qui ne peut plus agir : à qui la prend")
FOR_YOU = N_("pour vous")
FOR_AGENT = N_("pour {agent}")
TAKEN_BY_YOU = N_("vous l'avez pris")
TAKEN_BY = N_("pris par {agent}, sans suite")

# ── In a file ────────────────────────────────────────────────────────────────────────────────────────────

CALL_BACK_AWAITED = N_("Rappel promis pour le {at}")
ANSWER_AWAITED = N_("Réponse écrite promise avant le {at}")


def call_length(began: datetime, ended: datetime) -> Text:
    """Return the length of a call, in minutes, of which none counts more than twelve hours."""
    minutes = int(min(ended - began, LONGEST_CALL).total_seconds()) // SECONDS_OF_MINUTE
    return N_("{minutes} min", minutes=minutes) if minutes else N_("moins d'une minute")


# ── The timeline ─────────────────────────────────────────────────────────────────────────────────────────

WITH_LENGTH = N_("{sentence} ({length})")
ENDED = N_("Fin de l'appel, par {agent} : {outcome}")
CORRECTED = N_("Issue de l'appel corrigée par {agent} : {outcome}")
KEPT = N_("Rappel fait par {agent} : {outcome}")


def _by_outcome(sentence: Text) -> Mapping[str, TimelineText]:
    return {each: _toned(each, sentence.fill({"outcome": OUTCOMES[each]})) for each in CallOutcome}


def _toned(outcome: CallOutcome, sentence: Text) -> TimelineText:
    if outcome is CallOutcome.SOLVED:
        return positive_line(sentence)
    return negative_line(sentence) if outcome is CallOutcome.NOT_VERIFIED else neutral_line(sentence)


CALL_TIMELINE = TimelineTexts(
    events={
        "call-ended": neutral_line(N_("{agent} met fin à l'appel.")),
        "call-outcome-changed": neutral_line(N_("{agent} corrige l'issue de l'appel.")),
        "call-back-asked": neutral_line(N_("Une réponse de l'assistance est demandée sur le site.")),
        "call-back-taken": neutral_line(N_("{agent} prend le rappel.")),
        "call-back-given-back": neutral_line(N_("{agent} rend le rappel sans l'avoir fait.")),
        "call-back-done": neutral_line(N_("{agent} a fait le rappel.")),
        "file-handed-over": neutral_line(N_("{agent} confie la fiche à un collègue.")),
        "hand-over-taken": neutral_line(N_("{agent} reprend la fiche confiée.")),
    },
    reasons={
        "call-ended": _by_outcome(ENDED),
        "call-outcome-changed": _by_outcome(CORRECTED),
        "call-back-done": _by_outcome(KEPT),
        "file-handed-over": {
            each: neutral_line(N_("{agent} confie la fiche à un collègue : {reason}", reason=HAND_OVER_REASONS[each]))
            for each in HandOverReason
        },
    },
    by_desk={"call-back-asked": neutral_line(N_("{agent} promet un rappel."))},
)
