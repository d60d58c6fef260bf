"""The words of the demo's page: a fictional mailbox, and the fictional people whose mail it is."""

from core.text import N_

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
VOTERS = N_("Électeurs fictifs")
NAME = N_("Nom")
ADDRESS = N_("Adresse professionnelle")
BIRTH_DATE = N_("Date de naissance")
NUMEN = N_("NUMEN")
