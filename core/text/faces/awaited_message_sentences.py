"""Sentences about the message that a voter is waiting for."""

from collections.abc import Mapping

from core.text.faces.bounce_sentences import BounceReason
from core.text.text import N_, NN_, Text

MESSAGE_IS = N_("Message {where}")
SMS_IS = N_("SMS {where}")
CALL_IS = N_("Appel : {where}")
NOT_LEFT_YET = NN_("pas encore parti, {count} min", "pas encore parti, {count} min")


WAITING_IN_OUTAGE = N_("{waiting} : panne connue depuis {since}")
POSTPONED = N_("{waiting} : la messagerie l'a fait attendre à {at} et le reprendra")
SMS_POSTPONED = N_("{waiting} : l'opérateur l'a fait attendre à {at} et le reprendra")
WAITING_FOR_TURN = N_("attend son tour depuis {at}, il partira de lui-même")
MAIL_ACCEPTED = N_("parti à {at}, arrivée non confirmée")
SMS_ACCEPTED = N_("remis à l'opérateur à {at}, réception non confirmée")
RECEIVED = N_("reçu par le téléphone à {at}")
KEPT_BY_OPERATOR = N_("gardé par l'opérateur depuis {at} : le téléphone ne répond pas")
UNDELIVERED = N_("non remis par l'opérateur à {at}")
LINE_BUSY = N_("ligne occupée à {at}")
CALL_NOT_ANSWERED = N_("sans réponse à {at}")
REFUSED = N_("refusé pour de bon à {at}")
LINK_STOPPED = N_("plus envoyé : l'accès a changé depuis, son lien ne sert plus")
CANCELLED = N_("pas parti à temps, abandonné à {at}")
TOO_MANY = N_("jamais parti : trop de demandes pour cette adresse")
DROPPED = N_("jamais parti")
WITHOUT_LINK = N_("parti sans lien : le compte est bloqué")
RETURNED: Mapping[BounceReason, Text] = {
    BounceReason.UNKNOWN_MAILBOX: N_("revenu : boîte inconnue"),
    BounceReason.MAILBOX_FULL: N_("revenu : boîte pleine"),
    BounceReason.REFUSED_AS_SPAM: N_("revenu : pris pour un indésirable"),
    BounceReason.DELAYED: N_("retardé par la messagerie : pas encore remis"),
    BounceReason.OTHER: N_("revenu, sans raison claire"),
}

# ── What to say ──────────────────────────────────────────────────────────────────────────────────────────

SAY_OUTAGE = (
    N_("Dites que les envois sont en panne pour tout le monde : ce message attend et partira de lui-même."),
    N_("Ne faites ni redemander ni chercher dans les indésirables : il n'y est pas."),
    N_("Proposez de rappeler. Le lien restera valable jusqu'à l'heure affichée."),
)
SAY_SMS_OUTAGE = (
    N_("Dites que les SMS sont en panne pour tout le monde : ce SMS attend et partira de lui-même."),
    N_("Ne le faites pas redemander. Proposez de rappeler."),
)
SAY_LATE = (
    N_("Dites que le message n'est pas encore parti : il attend et partira de lui-même."),
    N_("Ne faites ni redemander ni chercher dans les indésirables : il n'y est pas encore."),
)
SAY_SMS_LATE = (
    N_("Dites que le SMS n'est pas encore parti : il attend et partira de lui-même."),
    N_("Ne le faites pas redemander."),
)
SAY_FULL = (
    N_("Dites que la boîte est pleine : faites supprimer quelques gros messages et vider la corbeille."),
    N_("Puis renvoyez le message."),
)
SAY_UNKNOWN_MAILBOX = (
    N_("Dites que la messagerie ne connaît pas l'adresse de la liste électorale."),
    N_("La personne la fait corriger par son académie ; un message renvoyé reviendrait de même."),
)
SAY_RETURNED = (
    N_("Dites que le message est revenu sans être remis. Renvoyez-le une fois."),
    N_("S'il revient encore, la personne prévient le service informatique de son académie."),
)
SAY_NOT_LEFT = (N_("Dites que le message n'est pas parti, puis faites-en demander un autre."),)
SAY_SMS_NOT_LEFT = (N_("Dites que le SMS n'est pas parti, puis faites-en demander un autre."),)
# The caller is not verified, so this says no more than the page does: not whether the address is on the roll.
SAY_NOT_ON_ROLL = (
    N_("Faites relire l'adresse saisie. Nous n'écrivons qu'aux adresses de la liste électorale."),
    N_("Si elle est juste, la personne demande à son académie quelle adresse est inscrite sur la liste."),
)
SAY_TOO_MANY = (
    N_("Trop de messages sont demandés pour cette adresse. Faites ouvrir le plus récent de ceux qui sont arrivés."),
)
SAY_WITHOUT_LINK = (
    N_("Le compte est bloqué : le message dit d'appeler et n'a pas de lien."),
    N_("Vérifiez l'appelant, puis rouvrez le compte avec un responsable."),
)
SAY_TELEPHONE_OFF = (N_("Faites allumer le téléphone et sortir du mode avion : l'opérateur garde le SMS."),)
SAY_CALL_FAILED = (N_("Faites libérer la ligne et garder le téléphone à portée de main, puis redemander le code."),)
SAY_UNDELIVERED = (N_("Faites vérifier le numéro de téléphone saisi, puis renvoyer le SMS."),)
SAY_LAST_SENDING_FAILED = (
    N_("Ce code est parti autant de fois que possible : attendez l'heure affichée sur la page de la personne."),
    N_("À cette heure, faites choisir « Renvoyer le code » : c'est un nouveau code. Proposez de rappeler."),
    N_("Si le numéro n'est pas le bon, faites choisir « Changer de numéro »."),
)
