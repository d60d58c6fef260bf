"""The timeline sentences of a forgotten password."""

from core.text.faces.timeline_sentences import TimelineTexts, bad, good, neutral
from core.text.text import N_

TIMELINE = TimelineTexts(
    events={
        "asked": neutral(N_("Un message est demandé.")),
        "ask-dropped": bad(N_("Aucun message n'est parti.")),
        "link-decided": neutral(N_("Le message et son lien sont prêts à partir.")),
        "link-refused": bad(N_("Un message sans lien part : il dit d'appeler l'assistance.")),
        "link-opened": good(N_("Le lien est ouvert, peut-être par un robot de la messagerie.")),
        "password-refused": bad(N_("Un mot de passe est refusé.")),
        "password-chosen": good(N_("Un nouveau mot de passe est enregistré.")),
    },
    reasons={
        ("asked", "restored"): neutral(N_("Une demande de message, perdue par la base de données, est refaite.")),
        ("ask-dropped", "not-on-the-roll"): bad(
            N_("Rien n'est parti : cette adresse n'est pas sur la liste électorale.")
        ),
        # A reason of former versions, which their journals hold.
        ("ask-dropped", "enough-links"): neutral(N_("Rien n'est parti : assez de liens fonctionnent déjà.")),
        ("ask-dropped", "too-many-asks"): bad(
            N_("Rien n'est parti : trop de messages sont demandés pour cette adresse.")
        ),
        ("ask-dropped", "no-longer-wanted"): neutral(N_("Rien n'est parti : la demande n'avait plus d'objet.")),
        ("ask-dropped", "no-such-voter"): bad(N_("Rien n'est parti : la personne n'est plus connue.")),
        ("ask-dropped", "frozen-told-already"): neutral(
            N_("Compte bloqué : rien n'est parti, le message qui dit d'appeler l'assistance est récent.")
        ),
        ("link-refused", "frozen"): bad(
            N_("Compte bloqué : un message sans lien part, qui dit d'appeler l'assistance.")
        ),
        ("password-refused", "new-password-missing"): bad(N_("Un mot de passe est refusé : rien n'était saisi.")),
        ("password-refused", "new-password-too-short"): bad(N_("Un mot de passe est refusé : il est trop court.")),
        ("password-refused", "new-password-too-long"): bad(N_("Un mot de passe est refusé : il est trop long.")),
        ("password-refused", "new-password-without-lower"): bad(
            N_("Un mot de passe est refusé : il y manque une minuscule.")
        ),
        ("password-refused", "new-password-without-upper"): bad(
            N_("Un mot de passe est refusé : il y manque une majuscule.")
        ),
        ("password-refused", "new-password-without-digit"): bad(
            N_("Un mot de passe est refusé : il y manque un chiffre.")
        ),
        ("password-refused", "new-password-control-character"): bad(
            N_("Un mot de passe est refusé : il contient un caractère invisible.")
        ),
        ("password-refused", "new-password-differs"): bad(
            N_("Un mot de passe est refusé : les deux saisies diffèrent.")
        ),
        ("password-refused", "new-password-personal"): bad(
            N_("Un mot de passe est refusé : il contient le nom ou l'adresse de la personne.")
        ),
        ("password-refused", "new-password-common"): bad(
            N_("Un mot de passe est refusé : il est parmi les plus utilisés au monde.")
        ),
        ("password-refused", "new-password-weak"): bad(N_("Un mot de passe est refusé : il est facile à deviner.")),
        ("password-refused", "new-password-too-complex"): bad(
            N_("Un mot de passe est refusé : il est trop compliqué à évaluer.")
        ),
        ("password-refused", "too-busy"): bad(
            N_("Un mot de passe n'a pas été examiné : trop arrivaient en même temps. Le lien fonctionne toujours.")
        ),
        ("password-refused", "link-used"): bad(N_("Un mot de passe est refusé : ce lien avait déjà servi.")),
        ("password-refused", "link-expired"): bad(N_("Un mot de passe est refusé : ce lien avait expiré.")),
        ("password-refused", "link-replaced"): bad(N_("Un mot de passe est refusé : ce lien ne fonctionnait plus.")),
        ("password-refused", "account-frozen"): bad(N_("Un mot de passe est refusé : le compte est bloqué.")),
    },
    by_desk={
        "asked": neutral(N_("{agent} demande un message pour la personne.")),
    },
    changes=frozenset({"password-chosen"}),
)
