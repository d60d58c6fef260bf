from core.text.faces import agent_cli_sentences
from core.text.text import N_

TITLE = N_("Démonstration : messagerie et téléphones des électeurs")
FICTIONAL = N_("Personnes, adresses et messages sont fictifs : rien ne sort de cette machine.")
SKIP_LINK = N_("Aller au message")
TO_THE_SITE = N_("Ouvrir le site de l'électeur")
REFRESH = N_("Actualiser")
MAILS = N_("Messages reçus")
ALL_MAILS = N_("Voir les messages de tous")
MAILS_OF = N_("Messages de {address}")
NO_MAIL = N_("Aucun message pour l'instant.")
HOW_TO_BEGIN = N_(
    "Copiez une adresse ci-dessous, ouvrez le site et choisissez « Mot de passe oublié » : le message arrive ici."
)
SENDER = N_("De")
RECIPIENT = N_("À")
DATE = N_("Date")
AS_TEXT = N_("Le même message, en texte seul")
AGENTS = N_("Agents de l'assistance, fictifs")
HOW_TO_SIGN_IN = N_(
    "Dans le terminal (« retrouve desk »), saisissez un nom, son mot de passe et son code du moment. Un code change deux fois par minute et ne sert qu'une fois : actualisez la page pour avoir le suivant."
)
AGENT_NAME = N_("Nom d'agent")
ROLE = N_("Rôle")
PASSWORD = N_("Mot de passe")
CODE = N_("Code du moment")
AGENT, SUPERVISOR, AUDITOR = (
    agent_cli_sentences.AGENT,
    agent_cli_sentences.SUPERVISOR,
    agent_cli_sentences.AUDITOR,
)
VOTERS = N_("Électeurs fictifs")
NAME = N_("Nom")
ADDRESS = N_("Adresse professionnelle")
BIRTH_DATE = N_("Date de naissance")
NUMEN = N_("NUMEN")
PHONE = N_("Téléphone")
TELEPHONES = N_("Téléphones")
NO_SMS = N_("Aucun SMS pour l'instant.")
HOW_TO_RECEIVE = N_(
    "Connectez-vous, demandez un nouvel identifiant de vote et saisissez un numéro : les SMS arrivent ici."
)
HOW_TO_FAIL = N_(
    "Pour voir un échec, choisissez un numéro qui finit par {switched_off} (téléphone éteint : l'opérateur finit par dire que le SMS n'est pas remis) ou par {barred} (l'opérateur refuse le SMS)."
)
RECEIVED_AT = N_("SMS reçus au {number}")
ANSWER = N_("Répondre par SMS")
SEND = N_("Envoyer")
SMS_ACCEPTED = N_("en route")
SMS_BUFFERED = N_("en attente : téléphone éteint")
SMS_DELIVERED = N_("remis")
SMS_UNDELIVERED = N_("non remis")
SMS_REJECTED = N_("refusé par l'opérateur")
CALL_RINGS = N_("☎ le téléphone sonne")
CALL_ANSWERED = N_("☎ appel : voici ce que la voix a dit")
CALL_BUSY = N_("☎ ligne occupée")
CALL_UNANSWERED = N_("☎ appel sans réponse")
SMS_ANSWERED = N_("envoyé par l'électeur")
