"""The sentences of the desk's home: the need for attention, and today's events."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from babel import Locale

from core.forms.flow_model import Channel
from core.ports import EventType
from core.text.text import N_, NN_, BilingualText, Language, Text

PARKED: Mapping[Channel | None, Text] = {
    Channel.MAIL: N_("Un message n'a pas pu être envoyé : le serveur de messagerie l'a refusé pour de bon."),
    Channel.SMS: N_("Un SMS n'a pas pu être envoyé : l'opérateur l'a refusé pour de bon."),
    None: N_("Le service de vote n'a pas pu être prévenu."),
}
PROPOSED = N_("{why} Entrée annonce à tous l'incident « {title} » ({where}) pour deux heures.")
FROZEN = N_("Compte bloqué : la personne doit appeler, et un responsable signer pour le rouvrir.")
LATE = N_("Un message attend depuis longtemps.")

BUDGET_TIGHT = N_("Codes par SMS vers {where} : {sent} sur {allowed} permis à cette heure. Prévenez un responsable.")
BUDGET_SPENT = N_(
    "Codes par SMS vers {where} : les {allowed} permis à cette heure sont partis, les autres attendent leur tour."
)
DAY_TIGHT = N_("Codes par SMS : {sent} sur {allowed} permis à cette heure. Prévenez un responsable.")
DAY_SPENT = N_("Codes par SMS : les {allowed} permis à cette heure sont partis, les autres attendent leur tour.")


def budget_sentence(code: str | None, sent: int, allowed: int, *, spent: bool) -> Text:
    """Return the sentence about a tight or spent SMS budget: of a country, by its ISO 3166 code, or of all of them."""
    facts: dict[str, object] = {"sent": sent, "allowed": allowed}
    if code is None:
        return (DAY_SPENT if spent else DAY_TIGHT).fill(facts)
    return (BUDGET_SPENT if spent else BUDGET_TIGHT).fill({**facts, "where": country_name(code)})


def country_name(code: str) -> BilingualText:
    """Return the name of a country in each language (CLDR), or its code where it has none."""
    french, english = (Locale(language.value).territories.get(code, code) for language in Language)
    return BilingualText(str(french), str(english))


def backlog_sentence(count: int, channels: AbstractSet[Channel | None]) -> Text:
    """Return the sentence about many waiting messages: what carries them has failed, and not the cases."""
    return NN_(
        "{count} message attend : {why}", "{count} messages attendent : {why}", count=count, why=_stopped(channels)
    )


def _stopped(channels: AbstractSet[Channel | None]) -> Text:
    if channels == {Channel.MAIL}:
        return N_("les serveurs de messagerie ne répondent pas, ou pas assez vite.")
    if Channel.MAIL not in channels:
        return N_("l'opérateur de SMS ou le service de vote ne répond pas, ou pas assez vite.")
    return N_("ni les courriels ni les SMS ne partent, ou pas assez vite.")


COUNTS: Mapping[EventType, Callable[[int], Text]] = {
    EventType.ASKED: lambda count: NN_("{count} message demandé", "{count} messages demandés", count=count),
    EventType.PASSWORD_CHOSEN: lambda count: NN_(
        "{count} mot de passe enregistré", "{count} mots de passe enregistrés", count=count
    ),
    EventType.CALLER_VERIFIED: lambda count: NN_("{count} appelant vérifié", "{count} appelants vérifiés", count=count),
    EventType.MAIL_BOUNCED: lambda count: NN_("{count} message revenu", "{count} messages revenus", count=count),
    EventType.FROZEN: lambda count: NN_("{count} compte bloqué", "{count} comptes bloqués", count=count),
}
"""The sentences about the events of a day."""
