"""Refusals before the opening and after the vote."""

from core.forms.errors.error_families import CALL_THE_DESK, Refusal
from core.text.text import N_


class NotYetOpen(Refusal):
    id = "not-yet-open"
    cause = N_("Le service ouvre à la date choisie pour cette élection.")
    title = N_("Le service n'est pas encore ouvert")
    remedy = (
        N_("Il ouvrira le {opens_at} (heure de Paris)."),
        CALL_THE_DESK,
    )


class VoteClosed(Refusal):
    id = "vote-closed"
    cause = N_("La période de vote est terminée.")
    title = N_("Le vote est clos")
    remedy = (
        N_(
            "Il s'est terminé le {closed_at} (heure de Paris). Les mots de passe et les identifiants de vote ne sont plus utiles."
        ),
        N_("Pour toute question, appelez l'assistance au {desk_phone} ({desk_hours})."),
    )
