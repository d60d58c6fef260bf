"""The words of the demo's page: a fictional mailbox, and the fictional people whose mail it is."""

from core.text import N_
from core.words import agents

TITLE = N_("Démonstration : la messagerie des électeurs")
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
AGENT, SUPERVISOR, AUDITOR = agents.AGENT, agents.SUPERVISOR, agents.AUDITOR
VOTERS = N_("Électeurs fictifs")
NAME = N_("Nom")
ADDRESS = N_("Adresse professionnelle")
BIRTH_DATE = N_("Date de naissance")
NUMEN = N_("NUMEN")
