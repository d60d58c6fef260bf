"""The desk's home: what needs attention, and what happened today."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from babel import Locale

from core.steps import Channel
from core.text import N_, NN_, Language, Phrase, Text

PARKED: Mapping[Channel | None, Text] = {
    Channel.MAIL: N_("Un message n'a pas pu être envoyé : le serveur de messagerie l'a refusé pour de bon."),
    Channel.SMS: N_("Un SMS n'a pas pu être envoyé : l'opérateur l'a refusé pour de bon."),
    None: N_("Le service de vote n'a pas pu être prévenu."),
}
FROZEN = N_("Compte bloqué : la personne doit appeler, et un responsable signer pour le rouvrir.")
LATE = N_("Un message attend depuis longtemps.")

BUDGET_TIGHT = N_("Codes par SMS vers {where} : {sent} sur {allowed} aujourd'hui. Prévenez un responsable.")
BUDGET_SPENT = N_("Codes par SMS vers {where} : les {allowed} d'aujourd'hui sont partis, plus aucun avant minuit.")
DAY_TIGHT = N_("Codes par SMS : {sent} sur {allowed} aujourd'hui. Prévenez un responsable.")
DAY_SPENT = N_("Codes par SMS : les {allowed} d'aujourd'hui sont partis, plus aucun avant minuit.")


def budget(code: str | None, sent: int, allowed: int, *, spent: bool) -> Text:
    """A budget of SMS that is tight or spent: of a country, by its ISO 3166 code, or of all of them."""
    facts: dict[str, object] = {"sent": sent, "allowed": allowed}
    if code is None:
        return (DAY_SPENT if spent else DAY_TIGHT).fill(facts)
    return (BUDGET_SPENT if spent else BUDGET_TIGHT).fill({**facts, "where": country(code)})


def country(code: str) -> Phrase:
    """Its name in each language (CLDR), or the code where it has none."""
    french, english = (Locale(language.value).territories.get(code, code) for language in Language)
    return Phrase(str(french), str(english))


def backlog(count: int, channels: AbstractSet[Channel | None]) -> Text:
    """Many messages wait at once: it is what carries those, not the cases."""
    return NN_(
        "{count} message attend : {why}", "{count} messages attendent : {why}", count=count, why=_stopped(channels)
    )


def _stopped(channels: AbstractSet[Channel | None]) -> Text:
    if channels == {Channel.MAIL}:
        return N_("les serveurs de messagerie ne répondent pas, ou pas assez vite.")
    if Channel.MAIL not in channels:
        return N_("l'opérateur de SMS ou le service de vote ne répond pas, ou pas assez vite.")
    return N_("ni les courriels ni les SMS ne partent, ou pas assez vite.")


def asked(count: int) -> Text:
    """Today's."""
    return NN_("{count} message demandé", "{count} messages demandés", count=count)


def chosen(count: int) -> Text:
    """Today's."""
    return NN_("{count} mot de passe enregistré", "{count} mots de passe enregistrés", count=count)


def bounced(count: int) -> Text:
    """Today's."""
    return NN_("{count} message revenu", "{count} messages revenus", count=count)


def calls(count: int) -> Text:
    """Today's."""
    return NN_("{count} appelant vérifié", "{count} appelants vérifiés", count=count)


def frozen(count: int) -> Text:
    """Today's."""
    return NN_("{count} compte bloqué", "{count} comptes bloqués", count=count)
