from core.text.faces.timeline_sentences import TimelineTexts, negative_line, neutral_line, positive_line
from core.text.text import N_

TIMELINE = TimelineTexts(
    events={
        "reissue-opened": neutral_line(N_("La personne demande un nouvel identifiant de vote.")),
        "matched": positive_line(N_("La date de naissance et le NUMEN sont ceux de la liste électorale.")),
        "matching-refused": negative_line(N_("La date de naissance et le NUMEN ne vont pas ensemble.")),
        "code-decided": neutral_line(N_("Un code de sécurité part par SMS.")),
        "call-decided": neutral_line(N_("Un appel au même numéro va donner le code de sécurité.")),
        "code-queued": neutral_line(N_("Un code de sécurité attend son tour ; il partira de lui-même.")),
        "number-given-up": neutral_line(N_("La personne choisit un autre numéro de téléphone.")),
        "code-refused": negative_line(N_("Un code de sécurité est refusé.")),
        "code-accepted": positive_line(N_("Le code de sécurité est accepté : un identifiant est réservé.")),
        "reissue-confirmed": positive_line(
            N_("La demande est confirmée dans la messagerie : un identifiant est réservé.")
        ),
        "reissue-refused": negative_line(N_("Une demande d'identifiant est refusée.")),
        "identifier-in-force": positive_line(N_("Le nouvel identifiant est en place ; l'ancien ne fonctionne plus.")),
        "identifier-lost": negative_line(N_("L'identifiant n'a pas pu être remis.")),
        "identifier-disowned": negative_line(N_("La personne dit que ce nouvel identifiant n'est pas le sien.")),
        "identifier-revoked": negative_line(
            N_(
                "Le service de vote n'accepte plus cet identifiant : la personne a signalé une demande qui n'était pas la sienne."
            )
        ),
        "reissue-given-up": negative_line(N_("La demande d'identifiant est abandonnée : rien n'a changé.")),
        "platform-away": negative_line(N_("Le service de vote ne répond pas ; la demande attend son retour.")),
        "platform-told": neutral_line(N_("Le service de vote sait comment est le compte.")),
    },
    reasons={
        "call-needed": {
            "identifier-unknown-here": negative_line(
                N_(
                    "À rappeler : un identifiant est en place au service de vote, et la panne a effacé ici son envoi. A-t-elle reçu le SMS ? Sinon, qu'elle en demande un autre."
                )
            ),
            "identifier-unknown-there": negative_line(
                N_(
                    "À rappeler : le service de vote n'a plus le dernier identifiant envoyé, qui ne permet pas de voter. Qu'elle en demande un autre ; celui-là n'est pas décompté."
                )
            ),
            "frozen-there": negative_line(
                N_(
                    "À rappeler : le service de vote refuse son identifiant, alors que son compte est ouvert ici. A-t-elle bloqué son compte ?"
                )
            ),
            "not-revoked": negative_line(
                N_(
                    "À rappeler : le service de vote a refusé de désactiver cet identifiant, alors que la personne a signalé une demande qui n'était pas la sienne. Tant qu'il refuse, elle ne peut pas voter, même si son compte est rouvert. Prévenez un responsable."
                )
            ),
        },
        "sms-refused": {"call": negative_line(N_("L'opérateur a refusé l'appel pour de bon."))},
        "sms-postponed": {
            "call": neutral_line(N_("L'opérateur ne peut pas appeler pour l'instant ; l'appel sera tenté à nouveau."))
        },
        "sms-cancelled": {"call": negative_line(N_("L'appel n'a pas été fait à temps : le code n'aurait plus servi."))},
        "sms-accepted": {"call": neutral_line(N_("L'opérateur appelle le téléphone."))},
        "sms-reported": {
            "call accepted": neutral_line(N_("L'appel du code est en cours.")),
            "call buffered": neutral_line(N_("L'appel du code est en attente.")),
            "call delivered": positive_line(
                N_("L'appel du code est terminé : une personne ou un répondeur a décroché.")
            ),
            "call busy": negative_line(N_("L'appel du code a trouvé la ligne occupée.")),
            "call no-answer": negative_line(N_("Personne n'a répondu à l'appel du code.")),
            "call undelivered": negative_line(N_("L'appel du code n'a pas abouti.")),
            "call rejected": negative_line(N_("L'opérateur a refusé l'appel du code.")),
            "code accepted": neutral_line(N_("L'opérateur a pris le SMS du code.")),
            "code buffered": neutral_line(N_("L'opérateur garde le SMS du code : le téléphone ne répond pas.")),
            "code delivered": positive_line(N_("Le téléphone a reçu le SMS du code.")),
            "code undelivered": negative_line(N_("L'opérateur n'a pas pu remettre le SMS du code.")),
            "code rejected": negative_line(N_("L'opérateur a refusé le SMS du code.")),
            "identifier accepted": neutral_line(N_("L'opérateur a pris le SMS de l'identifiant.")),
            "identifier buffered": neutral_line(
                N_("L'opérateur garde le SMS de l'identifiant : le téléphone ne répond pas.")
            ),
            "identifier delivered": positive_line(N_("Le téléphone a reçu le SMS de l'identifiant.")),
            "identifier undelivered": negative_line(N_("L'opérateur n'a pas pu remettre le SMS de l'identifiant.")),
            "identifier rejected": negative_line(N_("L'opérateur a refusé le SMS de l'identifiant.")),
        },
        "matching-refused": {
            "too-many-matchings": negative_line(
                N_("Trop d'erreurs sur la date de naissance et le NUMEN : une pause est en cours.")
            )
        },
        "code-refused": {
            "wrong-code": negative_line(N_("Un code de sécurité faux est refusé.")),
            "code-expired": negative_line(N_("Un code de sécurité est refusé : il n'était plus valable.")),
            "too-many-codes": negative_line(N_("Trop de codes faux : la demande est fermée, une pause est en cours.")),
            "phone-taken": negative_line(
                N_("Le code est juste, mais ce numéro sert déjà à une autre personne : il en faut un autre.")
            ),
            "no-reissue-left": negative_line(N_("Le code est juste, mais toutes les demandes sont utilisées.")),
            "reissue-under-way": negative_line(N_("Le code est juste, mais un identifiant est déjà en route.")),
        },
        "code-accepted": {
            "page": positive_line(N_("Le code saisi sur le site est accepté : un identifiant est réservé.")),
            "sms": positive_line(N_("Le code répondu par SMS est accepté : un identifiant est réservé.")),
            "page-to-confirm": positive_line(
                N_("Le code saisi sur le site est accepté : la demande reste à confirmer dans la messagerie.")
            ),
            "sms-to-confirm": positive_line(
                N_("Le code répondu par SMS est accepté : la demande reste à confirmer dans la messagerie.")
            ),
        },
        "reissue-refused": {
            "confirmation-expired": negative_line(N_("Une confirmation est refusée : le lien avait expiré.")),
            "confirmation-replaced": negative_line(N_("Une confirmation est refusée : le lien ne fonctionnait plus.")),
            "account-frozen": negative_line(N_("Une confirmation est refusée : le compte est bloqué.")),
            "no-reissue-left": negative_line(N_("Une demande d'identifiant est refusée : toutes sont utilisées.")),
            "reissue-under-way": negative_line(N_("Une demande d'identifiant est refusée : une autre est en cours.")),
            "sms-voter-spent": negative_line(
                N_("Un code est refusé : cette personne en a demandé beaucoup, une pause est en cours.")
            ),
            "too-many-numbers": negative_line(
                N_("Un code est refusé : cette personne a essayé beaucoup de numéros, une pause est en cours.")
            ),
            "too-many-codes": negative_line(
                N_("Une demande d'identifiant est refusée : une pause suit trop de codes faux.")
            ),
        },
        "code-queued": {
            "pause": neutral_line(
                N_("Un code de sécurité attend la fin de la pause entre deux envois ; il partira de lui-même.")
            )
        },
        "identifier-lost": {
            "given-back": negative_line(
                N_(
                    "L'identifiant n'a pas pu être remis ; la demande n'est pas décomptée, la personne peut recommencer."
                )
            ),
            "counted": negative_line(N_("L'identifiant n'a pas pu être remis ; la demande reste décomptée.")),
        },
        "reissue-given-up": {
            "frozen": negative_line(N_("Le compte est bloqué : la demande d'identifiant est abandonnée.")),
            "reopened": negative_line(
                N_("Le compte a été bloqué puis rouvert : la demande d'identifiant est abandonnée.")
            ),
            "removed": negative_line(
                N_("La personne n'est plus sur la liste électorale : la demande d'identifiant est abandonnée.")
            ),
            "too-late": negative_line(
                N_("Le service de vote n'a pas répondu à temps : la demande est abandonnée, rien n'a changé.")
            ),
        },
        "platform-told": {
            "frozen": neutral_line(N_("Le service de vote refuse désormais l'identifiant de ce compte.")),
            "free": neutral_line(N_("Le service de vote accepte de nouveau l'identifiant de ce compte.")),
        },
    },
    changes=frozenset({"code-accepted", "reissue-confirmed"}),
)
