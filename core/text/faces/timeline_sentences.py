"""Sentences that describe journal events. Agents can read them aloud to callers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.text.faces.bounce_sentences import BounceReason
from core.text.text import N_, Text

THE_AGENT = N_("l'agent")
"""Used in place of the name of an unknown agent."""


class TimelineLineTone(StrEnum):
    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class TimelineText:
    sentence: Text
    mark: TimelineLineTone


def positive_line(sentence: Text) -> TimelineText:
    return TimelineText(sentence, TimelineLineTone.GOOD)


def negative_line(sentence: Text) -> TimelineText:
    return TimelineText(sentence, TimelineLineTone.BAD)


def neutral_line(sentence: Text) -> TimelineText:
    return TimelineText(sentence, TimelineLineTone.NEUTRAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineTexts:
    """Sentences about events. `by_desk` applies to events that an agent caused."""

    events: Mapping[str, TimelineText] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, TimelineText]] = field(default_factory=dict)
    by_desk: Mapping[str, TimelineText] = field(default_factory=dict)
    notices: Mapping[str, TimelineText] = field(default_factory=dict)
    changes: frozenset[str] = frozenset()

    def __or__(self, other: "TimelineTexts") -> "TimelineTexts":
        return TimelineTexts(
            events={**self.events, **other.events},
            reasons={
                event: {**self.reasons.get(event, {}), **other.reasons.get(event, {})}
                for event in {**self.reasons, **other.reasons}
            },
            by_desk={**self.by_desk, **other.by_desk},
            notices={**self.notices, **other.notices},
            changes=self.changes | other.changes,
        )

    def line(self, event: str, reason: str | None, agent: str | None, *, notice: bool = False) -> TimelineText:
        """Return the sentence about an event. `notice` is True for an email about a change."""
        text = self.notices.get(event) if notice else None
        # Some reasons begin with the kind of the message, such as "call gateway.example".
        reasons, whole = self.reasons.get(event, {}), reason or ""
        text = text or reasons.get(whole) or reasons.get(whole.partition(" ")[0])
        if text is None and agent is not None:
            text = self.by_desk.get(event)
        text = text or self.events[event]
        return TimelineText(text.sentence.fill({"agent": agent or THE_AGENT}), text.mark)


SHARED = TimelineTexts(
    events={
        "mail-accepted": positive_line(N_("Le message est parti.")),
        "mail-postponed": neutral_line(N_("La messagerie fait attendre le message ; il sera présenté à nouveau.")),
        "mail-refused": negative_line(N_("La messagerie a refusé le message pour de bon.")),
        "mail-bounced": negative_line(N_("Le message est revenu.")),
        "mail-cancelled": negative_line(N_("Le message n'est pas parti à temps : il n'aurait plus servi.")),
        "password-rehashed": positive_line(N_("Son mot de passe est enregistré sous une forme plus récente.")),
        "signed-in": positive_line(N_("La personne s'est connectée.")),
        "sign-in-refused": negative_line(N_("Une connexion est refusée.")),
        "network-slowed": negative_line(
            N_("Les connexions depuis un réseau sont ralenties : trop de mots de passe faux.")
        ),
        "signed-out": neutral_line(N_("La personne s'est déconnectée.")),
        "calendar-refused": negative_line(N_("Un acte est refusé : les dates de l'élection ne le permettent pas.")),
        "roll-imported": neutral_line(N_("La liste électorale est importée.")),
        "act-refused": negative_line(N_("Un acte est refusé.")),
        "checkpoint-made": neutral_line(N_("Un point de contrôle du journal est fait.")),
        "purged": neutral_line(N_("Ce qui ne doit plus être gardé est effacé.")),
        "database-upgraded": neutral_line(N_("Les tables de la base passent à une autre version.")),
        "database-moved": neutral_line(N_("Les données de l'élection sont copiées dans une autre base.")),
        "keys-rotated": neutral_line(N_("Une clé maîtresse est ajoutée.")),
        "keys-retired": neutral_line(N_("D'anciennes clés maîtresses sont retirées.")),
        "loss-declared": negative_line(N_("L'exploitant déclare que la fin du journal est perdue.")),
        "platform-reconciled": neutral_line(N_("Des différences avec le service de vote sont réparées.")),
        "call-needed": negative_line(N_("L'assistance doit rappeler cette personne.")),
        "incident-announced": neutral_line(N_("Un incident est annoncé à tous ceux qu'il concerne.")),
        "incident-ended": neutral_line(N_("Un incident est terminé.")),
        "alarm": negative_line(N_("Le service donne l'alarme.")),
        "sms-accepted": neutral_line(N_("L'opérateur a pris le SMS.")),
        "sms-postponed": neutral_line(N_("L'opérateur fait attendre le SMS ; il sera présenté à nouveau.")),
        "sms-refused": negative_line(N_("L'opérateur a refusé le SMS pour de bon.")),
        "sms-cancelled": negative_line(N_("Le SMS n'est pas parti à temps : il n'aurait plus servi.")),
        "sms-reported": neutral_line(N_("L'opérateur rend compte d'un SMS.")),
        "agent-added": neutral_line(N_("Le compte d'agent {agent} est créé.")),
        "agent-renewed": neutral_line(N_("Le compte d'agent {agent} reçoit un nouveau départ.")),
        "agent-removed": neutral_line(N_("Le compte d'agent {agent} est retiré.")),
        "duty-begun": neutral_line(N_("{agent} ouvre une session à l'assistance.")),
        "duty-refused": negative_line(N_("Une session de l'assistance est refusée.")),
        "duty-locked": neutral_line(N_("Le terminal de {agent} se verrouille.")),
        "duty-unlocked": neutral_line(N_("{agent} déverrouille son terminal.")),
        "duty-ended": neutral_line(N_("{agent} ferme sa session.")),
        "agent-password-chosen": neutral_line(N_("{agent} choisit son mot de passe d'agent.")),
        "searched": neutral_line(N_("{agent} cherche des personnes.")),
        "file-opened": neutral_line(N_("{agent} ouvre la fiche.")),
        "caller-verified": positive_line(N_("{agent} a vérifié l'appelant.")),
        "caller-refused": negative_line(N_("{agent} n'a pas pu vérifier l'appelant.")),
        "case-sheet-made": neutral_line(N_("{agent} fait la feuille du dossier.")),
        "countersigned": neutral_line(N_("{agent} signe comme responsable.")),
    },
    reasons={
        "alarm": {"journal-broken": negative_line(N_("Le service donne l'alarme : le journal n'est pas intact."))},
        "sign-in-refused": {
            "wrong-password": negative_line(N_("Une connexion est refusée : le mot de passe est faux.")),
            "too-many-sign-ins": negative_line(N_("Une connexion est refusée : trop d'essais.")),
            "network-slowed": negative_line(N_("Une connexion est refusée : son réseau est ralenti.")),
            "too-busy": negative_line(
                N_("Une connexion n'a pas été examinée : trop arrivaient en même temps. L'essai n'est pas compté.")
            ),
            "frozen": negative_line(N_("Une connexion est refusée : le compte est bloqué.")),
        },
        "duty-refused": {
            "wrong-credentials": negative_line(
                N_("Une session de l'assistance est refusée : mauvais nom, mot de passe ou code.")
            ),
            "too-many-agent-tries": negative_line(N_("Une session de l'assistance est refusée : trop d'essais.")),
            "agent-code-used": negative_line(N_("Une session de l'assistance est refusée : ce code avait déjà servi.")),
            "no-supervisor": negative_line(N_("Une signature est refusée : {agent} ne peut pas signer ici.")),
        },
        "caller-refused": {
            "too-many-caller-tries": negative_line(
                N_("{agent} n'a pas pu vérifier l'appelant : trop d'essais, une pause est en cours.")
            )
        },
        "mail-cancelled": {
            "access-changed": neutral_line(
                N_("Le message n'est plus envoyé : l'accès a changé depuis, son lien ne sert plus.")
            )
        },
        "mail-bounced": {
            **{reason.value: negative_line(reason.sentence) for reason in BounceReason},
            BounceReason.DELAYED.value: neutral_line(BounceReason.DELAYED.sentence),
        },
    },
    by_desk={
        "calendar-refused": negative_line(
            N_("Un acte de {agent} est refusé : les dates de l'élection ne le permettent pas.")
        ),
        "act-refused": negative_line(N_("Un acte de {agent} est refusé.")),
    },
    notices={
        "mail-accepted": positive_line(N_("L'avis de changement est parti.")),
        "mail-postponed": neutral_line(N_("L'avis attend ; il sera présenté à nouveau.")),
        "mail-refused": negative_line(N_("La messagerie a refusé l'avis.")),
        "mail-bounced": negative_line(N_("L'avis est revenu.")),
        "mail-cancelled": negative_line(N_("L'avis n'est pas parti à temps.")),
    },
)
