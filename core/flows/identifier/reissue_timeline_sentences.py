"""The timeline sentences of a re-issue."""

from core.text.faces.timeline_sentences import TimelineTexts, bad, good, neutral
from core.text.text import N_

TIMELINE = TimelineTexts(
    events={
        "reissue-opened": neutral(N_("La personne demande un nouvel identifiant de vote.")),
        "matched": good(N_("La date de naissance et le NUMEN sont ceux de la liste électorale.")),
        "matching-refused": bad(N_("La date de naissance et le NUMEN ne vont pas ensemble.")),
        "code-decided": neutral(N_("Un code de sécurité part par SMS.")),
        "code-queued": neutral(N_("Un code de sécurité attend son tour ; il partira de lui-même.")),
        "number-given-up": neutral(N_("La personne choisit un autre numéro de téléphone.")),
        "code-refused": bad(N_("Un code de sécurité est refusé.")),
        "code-accepted": good(N_("Le code de sécurité est accepté : un identifiant est réservé.")),
        "reissue-confirmed": good(N_("La demande est confirmée dans la messagerie : un identifiant est réservé.")),
        "reissue-refused": bad(N_("Une demande d'identifiant est refusée.")),
        "identifier-in-force": good(N_("Le nouvel identifiant est en place ; l'ancien ne fonctionne plus.")),
        "identifier-lost": bad(N_("L'identifiant n'a pas pu être remis.")),
        "reissue-given-up": bad(N_("La demande d'identifiant est abandonnée : rien n'a changé.")),
        "platform-away": bad(N_("Le service de vote ne répond pas ; la demande attend son retour.")),
        "platform-told": neutral(N_("Le service de vote sait comment est le compte.")),
    },
    reasons={
        ("call-needed", "identifier-unknown-here"): bad(
            N_(
                "À rappeler : un identifiant est en place au service de vote, et la panne a effacé ici son envoi. A-t-elle reçu le SMS ? Sinon, qu'elle en demande un autre."
            )
        ),
        ("call-needed", "identifier-unknown-there"): bad(
            N_(
                "À rappeler : le service de vote n'a plus le dernier identifiant envoyé, qui ne permet pas de voter. Qu'elle en demande un autre ; celui-là n'est pas décompté."
            )
        ),
        ("call-needed", "frozen-there"): bad(
            N_(
                "À rappeler : le service de vote refuse son identifiant, alors que son compte est ouvert ici. A-t-elle bloqué son compte ?"
            )
        ),
        ("sms-reported", "code accepted"): neutral(N_("L'opérateur a pris le SMS du code.")),
        ("sms-reported", "code buffered"): neutral(
            N_("L'opérateur garde le SMS du code : le téléphone ne répond pas.")
        ),
        ("sms-reported", "code delivered"): good(N_("Le téléphone a reçu le SMS du code.")),
        ("sms-reported", "code undelivered"): bad(N_("L'opérateur n'a pas pu remettre le SMS du code.")),
        ("sms-reported", "code rejected"): bad(N_("L'opérateur a refusé le SMS du code.")),
        ("sms-reported", "identifier accepted"): neutral(N_("L'opérateur a pris le SMS de l'identifiant.")),
        ("sms-reported", "identifier buffered"): neutral(
            N_("L'opérateur garde le SMS de l'identifiant : le téléphone ne répond pas.")
        ),
        ("sms-reported", "identifier delivered"): good(N_("Le téléphone a reçu le SMS de l'identifiant.")),
        ("sms-reported", "identifier undelivered"): bad(N_("L'opérateur n'a pas pu remettre le SMS de l'identifiant.")),
        ("sms-reported", "identifier rejected"): bad(N_("L'opérateur a refusé le SMS de l'identifiant.")),
        ("matching-refused", "too-many-matchings"): bad(
            N_("Trop d'erreurs sur la date de naissance et le NUMEN : une pause est en cours.")
        ),
        ("code-refused", "wrong-code"): bad(N_("Un code de sécurité faux est refusé.")),
        ("code-refused", "code-expired"): bad(N_("Un code de sécurité est refusé : il n'était plus valable.")),
        ("code-refused", "too-many-codes"): bad(
            N_("Trop de codes faux : la demande est fermée, une pause est en cours.")
        ),
        ("code-refused", "phone-taken"): bad(
            N_("Le code est juste, mais ce numéro sert déjà à une autre personne : il en faut un autre.")
        ),
        ("code-refused", "no-reissue-left"): bad(N_("Le code est juste, mais toutes les demandes sont utilisées.")),
        ("code-refused", "reissue-under-way"): bad(N_("Le code est juste, mais un identifiant est déjà en route.")),
        ("code-accepted", "page"): good(N_("Le code saisi sur le site est accepté : un identifiant est réservé.")),
        ("code-accepted", "sms"): good(N_("Le code répondu par SMS est accepté : un identifiant est réservé.")),
        ("code-accepted", "page-to-confirm"): good(
            N_("Le code saisi sur le site est accepté : la demande reste à confirmer dans la messagerie.")
        ),
        ("code-accepted", "sms-to-confirm"): good(
            N_("Le code répondu par SMS est accepté : la demande reste à confirmer dans la messagerie.")
        ),
        ("reissue-refused", "confirmation-expired"): bad(N_("Une confirmation est refusée : le lien avait expiré.")),
        ("reissue-refused", "confirmation-replaced"): bad(
            N_("Une confirmation est refusée : le lien ne fonctionnait plus.")
        ),
        ("reissue-refused", "account-frozen"): bad(N_("Une confirmation est refusée : le compte est bloqué.")),
        ("reissue-refused", "no-reissue-left"): bad(
            N_("Une demande d'identifiant est refusée : toutes sont utilisées.")
        ),
        ("reissue-refused", "reissue-under-way"): bad(
            N_("Une demande d'identifiant est refusée : une autre est en cours.")
        ),
        ("code-queued", "pause"): neutral(
            N_("Un code de sécurité attend la fin de la pause entre deux envois ; il partira de lui-même.")
        ),
        ("reissue-refused", "sms-voter-spent"): bad(
            N_("Un code est refusé : cette personne en a demandé beaucoup, une pause est en cours.")
        ),
        ("reissue-refused", "too-many-numbers"): bad(
            N_("Un code est refusé : cette personne a essayé beaucoup de numéros, une pause est en cours.")
        ),
        ("reissue-refused", "too-many-codes"): bad(
            N_("Une demande d'identifiant est refusée : une pause suit trop de codes faux.")
        ),
        ("identifier-lost", "given-back"): bad(
            N_("L'identifiant n'a pas pu être remis ; la demande n'est pas décomptée, la personne peut recommencer.")
        ),
        ("identifier-lost", "counted"): bad(N_("L'identifiant n'a pas pu être remis ; la demande reste décomptée.")),
        ("reissue-given-up", "frozen"): bad(N_("Le compte est bloqué : la demande d'identifiant est abandonnée.")),
        ("reissue-given-up", "too-late"): bad(
            N_("Le service de vote n'a pas répondu à temps : la demande est abandonnée, rien n'a changé.")
        ),
        ("platform-told", "frozen"): neutral(N_("Le service de vote refuse désormais l'identifiant de ce compte.")),
        ("platform-told", "free"): neutral(N_("Le service de vote accepte de nouveau l'identifiant de ce compte.")),
    },
    changes=frozenset({"code-accepted", "reissue-confirmed"}),
)
