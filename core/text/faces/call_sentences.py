"""Sentences about calls, and choices that agents select instead of typing text."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.text.faces.timeline_sentences import TimelineText, TimelineTexts, negative_line, neutral_line, positive_line
from core.text.text import N_, SentenceEnum, Text

SECONDS_OF_MINUTE = 60
LONGEST_CALL = timedelta(hours=12)


class CallOutcome(SentenceEnum):
    """Outcomes of a call, in the order of the terminal's list."""

    SOLVED = "solved", N_("Résolu")
    MESSAGE_SENT = "message-sent", N_("Message envoyé, la personne l'attend")
    GUIDED = "guided", N_("Guidé, la personne continue seule")
    CALL_BACK = "call-back", N_("Rappel promis")
    PASSED_ON = "passed-on", N_("Un collègue prend la suite")
    NOT_VERIFIED = "not-verified", N_("Identité non vérifiée")
    NOT_ENTITLED = "not-entitled", N_("Pas sur la liste électorale")
    CUT_OFF = "cut-off", N_("Appel coupé")
    NO_ANSWER = "no-answer", N_("Pas de réponse à notre appel")
    OTHER_SERVICE = "other-service", N_("Orienté vers un autre service")
    FROZEN = "frozen", N_("Compte bloqué à sa demande")
    ANSWERED = "answered", N_("Répondu par écrit")


class ContactReason(SentenceEnum):
    PASSWORD = "password", N_("Mot de passe")
    IDENTIFIER = "identifier", N_("Identifiant de vote")
    MAIL_MISSING = "mail-missing", N_("Message qui n'arrive pas")
    SMS_MISSING = "sms-missing", N_("SMS qui n'arrive pas")
    FROZEN = "frozen", N_("Compte bloqué, ou changé par quelqu'un d'autre")
    ROLL = "roll", N_("Liste électorale")
    STEP_BY_STEP = "step-by-step", N_("Être guidé pas à pas")
    MAILBOX = "mailbox", N_("Messagerie impossible à ouvrir")
    OTHER = "other", N_("Autre question")


class HandOverReason(SentenceEnum):
    END_OF_SHIFT = "end-of-shift", N_("Fin de service : à suivre")
    SUPERVISOR_NEEDED = "supervisor-needed", N_("Il faut un responsable")
    ENGLISH = "english", N_("La personne parle anglais")
    TECHNICAL = "technical", N_("Question technique")
    KNOWN_CASE = "known-case", N_("Connaît déjà ce dossier")


class CallBackDueChoice(SentenceEnum):
    IN_ONE_HOUR = "in-one-hour", N_("Dans une heure, à {time}")
    THIS_AFTERNOON = "this-afternoon", N_("Cet après-midi, à {time}")
    NEXT_MORNING = "next-morning", N_("{day}, à {time}")
    NEXT_AFTERNOON = "next-afternoon", N_("{day}, à {time}")


# ── On the home screen ───────────────────────────────────────────────────────────────────────────────────

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
TAKEN_BY_YOU = N_("vous vous en occupez")
TAKEN_BY = N_("{agent} s'en occupait, sans suite")

# ── In a voter's file ────────────────────────────────────────────────────────────────────────────────────

CALL_BACK_AWAITED = N_("Rappel promis pour le {at}")
ANSWER_AWAITED = N_("Répondre avant le {at}")


def call_length(began: datetime, ended: datetime) -> Text:
    """Return the length of a call as a text. Twelve hours is the maximum."""
    minutes = int(min(ended - began, LONGEST_CALL).total_seconds()) // SECONDS_OF_MINUTE
    return N_("{minutes} min", minutes=minutes) if minutes else N_("moins d'une minute")


# ── The timeline ─────────────────────────────────────────────────────────────────────────────────────────

WITH_LENGTH = N_("{sentence} Durée : {length}.")
ENDED = N_("Fin de l'appel, par {agent} : {outcome}.")
CORRECTED = N_("Issue de l'appel corrigée par {agent} : {outcome}.")
CLOSED = N_("Demande close par {agent} : {outcome}.")


def _by_outcome(sentence: Text) -> Mapping[str, TimelineText]:
    lines = {CallOutcome.SOLVED: positive_line, CallOutcome.NOT_VERIFIED: negative_line}
    return {each: lines.get(each, neutral_line)(sentence.fill({"outcome": each.sentence})) for each in CallOutcome}


CALL_TIMELINE = TimelineTexts(
    events={
        "call-ended": neutral_line(N_("{agent} met fin à l'appel.")),
        "call-outcome-changed": neutral_line(N_("{agent} corrige l'issue de l'appel.")),
        "call-back-asked": neutral_line(N_("Une réponse de l'assistance est demandée sur le site.")),
        "call-back-taken": neutral_line(N_("{agent} prend la demande.")),
        "call-back-given-back": neutral_line(N_("{agent} rend la demande sans l'avoir traitée.")),
        "call-back-done": neutral_line(N_("{agent} clôt la demande.")),
        "file-handed-over": neutral_line(N_("{agent} confie la fiche à un collègue.")),
        "hand-over-taken": neutral_line(N_("{agent} reprend la fiche confiée.")),
    },
    reasons={
        "call-ended": _by_outcome(ENDED),
        "call-outcome-changed": _by_outcome(CORRECTED),
        "call-back-done": _by_outcome(CLOSED),
        "file-handed-over": {
            each: neutral_line(N_("{agent} confie la fiche à un collègue : {reason}.", reason=each.sentence))
            for each in HandOverReason
        },
    },
    by_desk={"call-back-asked": neutral_line(N_("{agent} promet un rappel."))},
)
