"""Text that surrounds the step on each page. Templates use names such as `words.skip_link`."""

from core.text.language_facts import LANGUAGES
from core.text.text import N_, Language

AUTONYMS: dict[Language, str] = {language: facts.autonym for language, facts in LANGUAGES.items()}

# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────

SERVICE = N_("Retrouver ses accès au vote")
SKIP_LINK = N_("Aller au contenu")
LANGUAGE = N_("Langue")
YOUR_TIME = N_("chez vous")
STEP = N_("Étape")
CASE = N_("Dossier")
STEP_CODE = N_("Code pour l'assistance :")
CASE_FOR_DESK = N_("Numéro de dossier :")
DOCUMENT_TITLE = N_("{title} – {election}")
DOCUMENT_TITLE_IN_ERROR = N_("Erreur : {title} – {election}")

# ── The start ────────────────────────────────────────────────────────────────────────────────────────────

WHAT_IS_LOST = N_("Qu'avez-vous perdu ? Nos conseils :")
WHAT_TO_DO = N_("Que faire dans votre situation ?")
KEPT_DATES = N_("Les dates à retenir")
BACK_TO_ADDRESS = N_("Revenir à l'adresse")

# ── The form ─────────────────────────────────────────────────────────────────────────────────────────────

REQUIRED_FIELDS = N_("Tous les champs sont obligatoires.")
REQUIRED_UNLESS_SAID = N_("Tous les champs sont obligatoires, sauf mention contraire.")
CHOOSE_ONE = N_("Choisissez dans la liste")
PROBLEM = N_("Il y a un problème")
ERROR = N_("Erreur :")
USE_SUGGESTION = N_("Oui, corriger l'adresse")
CHANGE_ADDRESS = N_("Modifier l'adresse")
SHOW_PASSWORD = N_("Afficher le mot de passe")
HIDE_PASSWORD = N_("Masquer le mot de passe")
CRITERIA = N_("Règles à respecter")
CRITERION_MET = N_("(respectée)")
CRITERION_UNMET = N_("(pas encore respectée)")
DAY = N_("Jour")
MONTH = N_("Mois")
YEAR = N_("Année")

# ── While waiting ────────────────────────────────────────────────────────────────────────────────────────

MESSAGE_SUBJECT = N_("Objet du message")
SMS_TO_COME = N_("SMS attendu")
CASE_NUMBER = N_("Numéro de dossier")
KEEP_CASE_NUMBER = N_("Notez-le : l'assistance vous le demandera si vous l'appelez.")
AGAIN_FROM = N_("Toujours rien ? Vous pourrez demander ici un nouvel envoi à partir de {again_from}.")
CALL_FROM = N_("Vous pourrez aussi recevoir le code par un appel à partir de {call_from}.")
REFRESH = N_("Actualiser cette page")

# ── Help ─────────────────────────────────────────────────────────────────────────────────────────────────

TROUBLES = N_("Une difficulté ?")
HELP = N_("Joindre l'assistance")
CALL = N_("Appelez l'assistance au {desk_phone} ({desk_hours}).")
WITHOUT_TELEPHONE = N_("Sans téléphoner :")
NEVER_ASKED = N_("L'assistance ne vous demandera jamais votre mot de passe.")
GUIDE = N_("Aide")
CALL_THE_DESK = N_("Appeler l'assistance :")
GUIDE_TO_THE_STEP = N_("Voir cette étape dans l'aide")
WHY = N_("Pourquoi cette page ?")
NEW_WINDOW = N_("(dans une autre fenêtre)")
ALL_INCIDENTS = N_("Tous les incidents connus")
BACK_HOME = N_("Revenir à l'accueil")
SEE_WHAT_IS_DONE = N_("Voir ce qui est enregistré")
