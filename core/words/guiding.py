"""What an agent may do with a file or a case, and why not now."""

from collections.abc import Mapping

from core.text import N_, Text

START_MAIL = N_("Envoyer le message")
SEND_AGAIN = N_("Renvoyer le message")
FREEZE = N_("Bloquer le compte")
UNFREEZE = N_("Rouvrir le compte")

VERIFY_FIRST = N_("Vérifiez d'abord l'appelant.")
READ_ONLY = N_("Votre rôle permet de lire, pas d'agir.")
GONE = N_("Cette personne n'est plus sur la liste électorale.")
IS_FROZEN = N_("Ce compte est bloqué : aucun lien ne part.")
IS_NOT_FROZEN = N_("Ce compte n'est pas bloqué.")
IS_FROZEN_ALREADY = N_("Ce compte est déjà bloqué.")
ENOUGH_LINKS = N_("Assez de liens fonctionnent déjà : faites ouvrir l'un d'eux.")
NOT_ASKED = N_("Aucun message n'est encore demandé.")
ASKED_ALREADY = N_("Un message est déjà demandé : choisissez « Renvoyer le message ».")
CASE_OVER = N_("Ce dossier est clos : un autre message en ouvre un nouveau.")
AGAIN_FROM = N_("Possible à partir de {again_at} (heure de Paris).")
UNKNOWN_FACT = "…"
"""Stands where a step's sentence names something that only happens later."""
UNKNOWN_SENTENCES: Mapping[str, Text] = {
    "first_name": N_("(prénom)"),
    "last_name": N_("(nom)"),
    "reissues": N_("… (combien de demandes restent, et jusqu'à quand)"),
    "tries": N_("… (combien d'essais restent)"),
    "outcome": N_("… (ce qui est arrivé à l'envoi)"),
    "counted": N_("… (si cette demande est décomptée)"),
    "what_happened": N_("… (ce qui a été changé, et quand)"),
}
"""Likewise, where an ellipsis would not tell what is missing."""


def again_from(at: object) -> Text:
    """Why it is too early, and from when it is not."""
    return AGAIN_FROM.fill({"again_at": at})
