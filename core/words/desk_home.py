"""The desk's home: what needs attention, and what happened today."""

from core.text import N_, NN_, Text

PARKED = N_("Un message n'a pas pu être envoyé : le serveur de messagerie l'a refusé pour de bon.")
FROZEN = N_("Compte bloqué : la personne doit appeler, et un responsable signer pour le rouvrir.")
LATE = N_("Un message attend depuis longtemps.")


def backlog(count: int) -> Text:
    """Many messages wait at once: it is the relays, not the cases."""
    return NN_(
        "{count} message attend : les serveurs de messagerie ne répondent pas, ou pas assez vite.",
        "{count} messages attendent : les serveurs de messagerie ne répondent pas, ou pas assez vite.",
        count=count,
    )


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
