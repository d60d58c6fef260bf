from core.text.faces.timeline_sentences import TimelineTexts, negative_line, neutral_line, positive_line
from core.text.text import N_

TIMELINE = TimelineTexts(
    events={
        "asked": neutral_line(N_("Un message est demandé.")),
        "ask-dropped": negative_line(N_("Aucun message n'est parti.")),
        "link-decided": neutral_line(N_("Le message et son lien sont prêts à partir.")),
        "link-refused": negative_line(N_("Un message sans lien part : il dit d'appeler l'assistance.")),
        "link-opened": positive_line(N_("Le lien est ouvert, peut-être par un robot de la messagerie.")),
        "dead-link-opened": negative_line(N_("Un lien qui ne fonctionne plus est ouvert.")),
        "password-refused": negative_line(N_("Un mot de passe est refusé.")),
        "password-chosen": positive_line(N_("Un nouveau mot de passe est enregistré.")),
    },
    reasons={
        "ask-dropped": {
            "not-on-the-roll": negative_line(N_("Rien n'est parti : cette adresse n'est pas sur la liste électorale.")),
            "too-many-asks": negative_line(N_("Rien n'est parti : trop de messages sont demandés pour cette adresse.")),
            "no-longer-wanted": neutral_line(N_("Rien n'est parti : la demande n'avait plus d'objet.")),
            "no-such-voter": negative_line(N_("Rien n'est parti : la personne n'est plus connue.")),
            "frozen-told-already": neutral_line(
                N_("Compte bloqué : rien n'est parti, le message qui dit d'appeler l'assistance est récent.")
            ),
        },
        "link-refused": {
            "frozen": negative_line(N_("Compte bloqué : un message sans lien part, qui dit d'appeler l'assistance."))
        },
        "dead-link-opened": {
            "link-expired": negative_line(N_("Un lien expiré est ouvert.")),
            "link-used": negative_line(N_("Un lien qui a déjà servi est ouvert.")),
            "account-frozen": negative_line(N_("Un lien est ouvert, mais le compte est bloqué.")),
            "confirmation-expired": negative_line(N_("Un lien de confirmation expiré est ouvert.")),
            "confirmation-used": negative_line(N_("Un lien de confirmation qui a déjà servi est ouvert.")),
        },
        "password-refused": {
            "new-password-missing": negative_line(N_("Un mot de passe est refusé : rien n'était saisi.")),
            "new-password-too-short": negative_line(N_("Un mot de passe est refusé : il est trop court.")),
            "new-password-too-long": negative_line(N_("Un mot de passe est refusé : il est trop long.")),
            "new-password-without-lower": negative_line(N_("Un mot de passe est refusé : il y manque une minuscule.")),
            "new-password-without-upper": negative_line(N_("Un mot de passe est refusé : il y manque une majuscule.")),
            "new-password-without-digit": negative_line(N_("Un mot de passe est refusé : il y manque un chiffre.")),
            "new-password-control-character": negative_line(
                N_("Un mot de passe est refusé : il contient un caractère invisible.")
            ),
            "new-password-differs": negative_line(N_("Un mot de passe est refusé : les deux saisies diffèrent.")),
            "new-password-personal": negative_line(
                N_("Un mot de passe est refusé : il contient le nom ou l'adresse de la personne.")
            ),
            "new-password-common": negative_line(
                N_("Un mot de passe est refusé : il est parmi les plus utilisés au monde.")
            ),
            "new-password-weak": negative_line(N_("Un mot de passe est refusé : il est facile à deviner.")),
            "too-busy": negative_line(
                N_("Un mot de passe n'a pas été examiné : trop arrivaient en même temps. Le lien fonctionne toujours.")
            ),
            "link-used": negative_line(N_("Un mot de passe est refusé : ce lien avait déjà servi.")),
            "link-expired": negative_line(N_("Un mot de passe est refusé : ce lien avait expiré.")),
            "link-replaced": negative_line(N_("Un mot de passe est refusé : ce lien ne fonctionnait plus.")),
            "account-frozen": negative_line(N_("Un mot de passe est refusé : le compte est bloqué.")),
        },
    },
    by_desk={"asked": neutral_line(N_("{agent} demande un message pour la personne."))},
    changes=frozenset({"password-chosen"}),
)
