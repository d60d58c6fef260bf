"""What happened, in plain sentences: each act of the journal, and its reason, as an agent reads it to a caller.

Acts and reasons are the stable words of `core.ports.Act` and of whoever wrote them; a test holds that none is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.text import N_, Text
from core.words.bounces import SENTENCES, BounceReason


class Mark(StrEnum):
    """How a line is meant: what helps, what stands in the way, or neither."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Told:
    """A line's sentence and its mark."""

    sentence: Text
    mark: Mark


def _good(sentence: Text) -> Told:
    return Told(sentence, Mark.GOOD)


def _bad(sentence: Text) -> Told:
    return Told(sentence, Mark.BAD)


def _neutral(sentence: Text) -> Told:
    return Told(sentence, Mark.NEUTRAL)


OF_ACT: Mapping[str, Told] = {
    "asked": _neutral(N_("Un message est demandé.")),
    "ask-dropped": _bad(N_("Aucun message n'est parti.")),
    "link-decided": _neutral(N_("Le message et son lien sont prêts à partir.")),
    "link-refused": _bad(N_("Un message sans lien part : il dit d'appeler l'assistance.")),
    "link-opened": _good(N_("Le lien est ouvert, peut-être par un robot de la messagerie.")),
    "mail-accepted": _good(N_("Le serveur de messagerie a pris le message.")),
    "mail-postponed": _neutral(N_("Le serveur de messagerie fait attendre le message ; il sera présenté à nouveau.")),
    "mail-refused": _bad(N_("Le serveur de messagerie a refusé le message pour de bon.")),
    "mail-bounced": _bad(N_("Le message est revenu.")),
    "mail-cancelled": _bad(N_("Le message n'est pas parti à temps : il n'aurait plus servi.")),
    "password-refused": _bad(N_("Un mot de passe est refusé.")),
    "password-chosen": _good(N_("Un nouveau mot de passe est enregistré.")),
    "signed-in": _good(N_("La personne s'est connectée.")),
    "sign-in-refused": _bad(N_("Une connexion est refusée.")),
    "signed-out": _neutral(N_("La personne s'est déconnectée.")),
    "frozen": _bad(N_("Le compte est bloqué.")),
    "calendar-refused": _bad(N_("Un acte est refusé : les dates de l'élection ne le permettent pas.")),
    "roll-imported": _neutral(N_("La liste électorale est importée.")),
    "act-refused": _bad(N_("Un acte est refusé.")),
    "checkpoint-made": _neutral(N_("Un point de contrôle du journal est fait.")),
    "purged": _neutral(N_("Ce qui ne doit plus être gardé est effacé.")),
    "sms-accepted": _neutral(N_("Une passerelle a pris le SMS.")),
    "sms-postponed": _neutral(N_("Aucune passerelle ne peut prendre le SMS ; il sera présenté à nouveau.")),
    "sms-refused": _bad(N_("La passerelle a refusé le SMS pour de bon.")),
    "sms-cancelled": _bad(N_("Le SMS n'est pas parti à temps : il n'aurait plus servi.")),
    "sms-reported": _neutral(N_("L'opérateur rend compte d'un SMS.")),
    "reissue-opened": _neutral(N_("La personne demande un nouvel identifiant de vote.")),
    "matched": _good(N_("La date de naissance et le NUMEN sont ceux de la liste électorale.")),
    "matching-refused": _bad(N_("La date de naissance et le NUMEN ne vont pas ensemble.")),
    "code-decided": _neutral(N_("Un code de sécurité part par SMS.")),
    "code-refused": _bad(N_("Un code de sécurité est refusé.")),
    "code-accepted": _good(N_("Le code de sécurité est accepté : un identifiant est réservé.")),
    "reissue-refused": _bad(N_("Une demande d'identifiant est refusée.")),
    "identifier-in-force": _good(N_("Le nouvel identifiant est en place ; l'ancien ne fonctionne plus.")),
    "identifier-lost": _bad(N_("L'identifiant n'a pas pu être remis.")),
    "reissue-given-up": _bad(N_("La demande d'identifiant est abandonnée : rien n'a changé.")),
    "platform-away": _bad(N_("Le service de vote ne répond pas ; la demande attend son retour.")),
    "platform-told": _neutral(N_("Le service de vote sait comment est le compte.")),
    "agent-added": _neutral(N_("Le compte d'agent {agent} est créé.")),
    "agent-renewed": _neutral(N_("Le compte d'agent {agent} reçoit un nouveau départ.")),
    "agent-removed": _neutral(N_("Le compte d'agent {agent} est retiré.")),
    "duty-begun": _neutral(N_("{agent} ouvre une session à l'assistance.")),
    "duty-refused": _bad(N_("Une session de l'assistance est refusée.")),
    "duty-locked": _neutral(N_("Le terminal de {agent} se verrouille.")),
    "duty-unlocked": _neutral(N_("{agent} déverrouille son terminal.")),
    "duty-ended": _neutral(N_("{agent} ferme sa session.")),
    "agent-password-chosen": _neutral(N_("{agent} choisit son mot de passe d'agent.")),
    "file-opened": _neutral(N_("{agent} ouvre la fiche.")),
    "caller-verified": _good(N_("{agent} a vérifié l'appelant.")),
    "caller-refused": _bad(N_("{agent} n'a pas pu vérifier l'appelant.")),
    "countersigned": _neutral(N_("{agent} signe comme responsable.")),
    "unfrozen": _good(N_("{agent} rouvre le compte, sans mot de passe.")),
}
BY_THE_DESK: Mapping[str, Told] = {
    "asked": _neutral(N_("{agent} demande un message pour la personne.")),
    "frozen": _bad(N_("{agent} bloque le compte à la demande de l'appelant.")),
    "calendar-refused": _bad(N_("Un acte de {agent} est refusé : les dates de l'élection ne le permettent pas.")),
    "act-refused": _bad(N_("Un acte de {agent} est refusé.")),
}
OF_REASON: Mapping[tuple[str, str], Told] = {
    ("ask-dropped", "not-on-the-roll"): _bad(N_("Rien n'est parti : cette adresse n'est pas sur la liste électorale.")),
    ("ask-dropped", "enough-links"): _neutral(N_("Rien n'est parti : assez de liens fonctionnent déjà.")),
    ("ask-dropped", "too-many-asks"): _bad(N_("Rien n'est parti : trop de messages sont demandés pour cette adresse.")),
    ("ask-dropped", "no-longer-wanted"): _neutral(N_("Rien n'est parti : la demande n'avait plus d'objet.")),
    ("ask-dropped", "no-such-voter"): _bad(N_("Rien n'est parti : la personne n'est plus connue.")),
    ("link-refused", "frozen"): _bad(N_("Compte bloqué : un message sans lien part, qui dit d'appeler l'assistance.")),
    ("frozen", "not-me"): _bad(N_("La personne a répondu « Ce n'était pas moi » : le compte est bloqué.")),
    ("sign-in-refused", "wrong-password"): _bad(N_("Une connexion est refusée : le mot de passe est faux.")),
    ("sign-in-refused", "too-many-sign-ins"): _bad(N_("Une connexion est refusée : trop d'essais.")),
    ("sign-in-refused", "frozen"): _bad(N_("Une connexion est refusée : le compte est bloqué.")),
    ("duty-refused", "wrong-credentials"): _bad(
        N_("Une session de l'assistance est refusée : mauvais nom, mot de passe ou code.")
    ),
    ("duty-refused", "too-many-agent-tries"): _bad(N_("Une session de l'assistance est refusée : trop d'essais.")),
    ("duty-refused", "agent-code-used"): _bad(
        N_("Une session de l'assistance est refusée : ce code avait déjà servi.")
    ),
    ("duty-refused", "no-supervisor"): _bad(N_("Une signature est refusée : {agent} ne peut pas signer ici.")),
    ("caller-refused", "too-many-caller-tries"): _bad(N_("Une vérification de {agent} est refusée : trop d'essais.")),
    ("sms-reported", "code accepted"): _neutral(N_("L'opérateur a pris le SMS du code.")),
    ("sms-reported", "code buffered"): _neutral(N_("L'opérateur garde le SMS du code : le téléphone ne répond pas.")),
    ("sms-reported", "code delivered"): _good(N_("Le téléphone a reçu le SMS du code.")),
    ("sms-reported", "code undelivered"): _bad(N_("L'opérateur n'a pas pu remettre le SMS du code.")),
    ("sms-reported", "code rejected"): _bad(N_("L'opérateur a refusé le SMS du code.")),
    ("sms-reported", "identifier accepted"): _neutral(N_("L'opérateur a pris le SMS de l'identifiant.")),
    ("sms-reported", "identifier buffered"): _neutral(
        N_("L'opérateur garde le SMS de l'identifiant : le téléphone ne répond pas.")
    ),
    ("sms-reported", "identifier delivered"): _good(N_("Le téléphone a reçu le SMS de l'identifiant.")),
    ("sms-reported", "identifier undelivered"): _bad(N_("L'opérateur n'a pas pu remettre le SMS de l'identifiant.")),
    ("sms-reported", "identifier rejected"): _bad(N_("L'opérateur a refusé le SMS de l'identifiant.")),
    ("matching-refused", "too-many-matchings"): _bad(
        N_("Trop d'erreurs sur la date de naissance et le NUMEN : une pause est en cours.")
    ),
    ("code-refused", "wrong-code"): _bad(N_("Un code de sécurité faux est refusé.")),
    ("code-refused", "code-expired"): _bad(N_("Un code de sécurité est refusé : il n'était plus valable.")),
    ("code-refused", "too-many-codes"): _bad(N_("Trop de codes faux : la demande est fermée, une pause est en cours.")),
    ("code-refused", "phone-taken"): _bad(
        N_("Le code est juste, mais ce numéro sert déjà à une autre personne : il en faut un autre.")
    ),
    ("code-refused", "no-reissue-left"): _bad(N_("Le code est juste, mais toutes les demandes sont utilisées.")),
    ("code-refused", "reissue-under-way"): _bad(N_("Le code est juste, mais un identifiant est déjà en route.")),
    ("code-accepted", "page"): _good(N_("Le code saisi sur le site est accepté : un identifiant est réservé.")),
    ("code-accepted", "sms"): _good(N_("Le code répondu par SMS est accepté : un identifiant est réservé.")),
    ("reissue-refused", "no-reissue-left"): _bad(N_("Une demande d'identifiant est refusée : toutes sont utilisées.")),
    ("reissue-refused", "reissue-under-way"): _bad(
        N_("Une demande d'identifiant est refusée : une autre est en cours.")
    ),
    ("reissue-refused", "too-many-codes"): _bad(
        N_("Une demande d'identifiant est refusée : une pause suit trop de codes faux.")
    ),
    ("identifier-lost", "given-back"): _bad(
        N_("L'identifiant n'a pas pu être remis ; la demande n'est pas décomptée, la personne peut recommencer.")
    ),
    ("identifier-lost", "counted"): _bad(N_("L'identifiant n'a pas pu être remis ; la demande reste décomptée.")),
    ("reissue-given-up", "frozen"): _bad(N_("Le compte est bloqué : la demande d'identifiant est abandonnée.")),
    ("reissue-given-up", "too-late"): _bad(
        N_("Le service de vote n'a pas répondu à temps : la demande est abandonnée, rien n'a changé.")
    ),
    ("platform-told", "frozen"): _neutral(N_("Le service de vote refuse désormais l'identifiant de ce compte.")),
    ("platform-told", "free"): _neutral(N_("Le service de vote accepte de nouveau l'identifiant de ce compte.")),
    **{("mail-bounced", reason.value): _bad(SENTENCES[reason]) for reason in BounceReason},
    ("mail-bounced", BounceReason.DELAYED.value): _neutral(SENTENCES[BounceReason.DELAYED]),
    ("password-refused", "new-password-missing"): _bad(N_("Un mot de passe est refusé : rien n'était saisi.")),
    ("password-refused", "new-password-too-short"): _bad(N_("Un mot de passe est refusé : il est trop court.")),
    ("password-refused", "new-password-too-long"): _bad(N_("Un mot de passe est refusé : il est trop long.")),
    ("password-refused", "new-password-without-lower"): _bad(
        N_("Un mot de passe est refusé : il y manque une minuscule.")
    ),
    ("password-refused", "new-password-without-upper"): _bad(
        N_("Un mot de passe est refusé : il y manque une majuscule.")
    ),
    ("password-refused", "new-password-without-digit"): _bad(
        N_("Un mot de passe est refusé : il y manque un chiffre.")
    ),
    ("password-refused", "new-password-control-character"): _bad(
        N_("Un mot de passe est refusé : il contient un caractère invisible.")
    ),
    ("password-refused", "new-password-differs"): _bad(N_("Un mot de passe est refusé : les deux saisies diffèrent.")),
    ("password-refused", "new-password-personal"): _bad(
        N_("Un mot de passe est refusé : il contient le nom ou l'adresse de la personne.")
    ),
    ("password-refused", "new-password-common"): _bad(
        N_("Un mot de passe est refusé : il est parmi les plus utilisés au monde.")
    ),
    ("password-refused", "new-password-weak"): _bad(N_("Un mot de passe est refusé : il est facile à deviner.")),
    ("password-refused", "link-used"): _bad(N_("Un mot de passe est refusé : ce lien avait déjà servi.")),
    ("password-refused", "link-expired"): _bad(N_("Un mot de passe est refusé : ce lien avait expiré.")),
    ("password-refused", "link-replaced"): _bad(N_("Un mot de passe est refusé : ce lien ne fonctionnait plus.")),
    ("password-refused", "account-frozen"): _bad(N_("Un mot de passe est refusé : le compte est bloqué.")),
}
OF_NOTICE: Mapping[str, Told] = {
    "mail-accepted": _good(N_("L'avis est remis au serveur de messagerie.")),
    "mail-postponed": _neutral(N_("L'avis attend ; il sera présenté à nouveau.")),
    "mail-refused": _bad(N_("Le serveur de messagerie a refusé l'avis.")),
    "mail-bounced": _bad(N_("L'avis est revenu.")),
    "mail-cancelled": _bad(N_("L'avis n'est pas parti à temps.")),
}
"""The same acts once a change is made: what travels then is its notice."""


def told(act: str, reason: str | None, agent: str | None, *, notice: bool) -> Told:
    """The line of an event. `notice` when it is about the message that follows a change."""
    found = OF_NOTICE.get(act) if notice else None
    found = found or OF_REASON.get((act, reason or ""))
    if found is None and agent is not None:
        found = BY_THE_DESK.get(act)
    found = found or OF_ACT[act]
    return Told(found.sentence.fill({"agent": agent or "–"}), found.mark)
