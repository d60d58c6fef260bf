"""Refusals of further SMS."""

from core.forms.errors.error_families import CALL_THE_DESK, NOTHING_IS_COUNTED, Refusal, RefusalKind
from core.text.text import N_


class VoterSmsLimitReached(Refusal):
    id = "sms-voter-spent"
    cause = N_("Plusieurs codes ont été demandés en peu de temps, par vous ou par quelqu'un d'autre.")
    kind = RefusalKind.TOO_MANY
    title = N_("Vous avez demandé beaucoup de codes")
    remedy = (
        N_("Pour vous protéger, le prochain code pourra être demandé le {resumes_at} (heure de Paris)."),
        N_("Si un code est arrivé il y a moins de quelques minutes, il fonctionne encore."),
        NOTHING_IS_COUNTED,
        CALL_THE_DESK,
    )


class TooManyPhoneNumbers(Refusal):
    id = "too-many-numbers"
    cause = N_("Plusieurs numéros ont été essayés en peu de temps, par vous ou par quelqu'un d'autre.")
    kind = RefusalKind.TOO_MANY
    title = N_("Vous avez essayé beaucoup de numéros")
    remedy = (
        N_("Un autre numéro pourra être essayé le {resumes_at} (heure de Paris)."),
        N_("D'ici là, revenez en arrière et donnez l'un des numéros déjà essayés."),
        NOTHING_IS_COUNTED,
        CALL_THE_DESK,
    )


class TooManyCodesUnderWay(Refusal):
    """A code that was sent and is still valid cannot be sent again: too many are under way."""

    id = "sms-delayed"
    cause = N_("Beaucoup de codes partent en ce moment.")
    kind = RefusalKind.TOO_MANY
    title = N_("Beaucoup de codes partent en ce moment")
    remedy = (
        N_("Votre code pourra être renvoyé le {resumes_at} (heure de Paris)."),
        N_("Celui qui est déjà parti fonctionne encore : revenez en arrière et attendez son SMS."),
        NOTHING_IS_COUNTED,
        CALL_THE_DESK,
    )
