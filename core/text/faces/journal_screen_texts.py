from collections.abc import Mapping

from core.text.text import N_, NN_, Text

KEY_JOURNAL = N_("Journal")
KEY_JOURNAL_EXPLAINED = N_("Lire le journal par dossier, personne, acte ou agent : pour un responsable.")
KEY_WANTED_FILE = N_("Filtrer par personne")
SHORT_WANTED_FILE = N_("Personne")
KEY_WANTED_FILE_EXPLAINED = N_("Ne voir que les lignes d'une personne et de ses dossiers, ou celles d'un dossier.")
KEY_WANTED_ACT = N_("Filtrer par acte")
SHORT_WANTED_ACT = N_("Acte")
KEY_WANTED_ACT_EXPLAINED = N_("Ne voir que les refus et les échecs, ou les lignes d'un acte choisi dans la liste.")
KEY_WANTED_AGENT = N_("Filtrer par agent")
SHORT_WANTED_AGENT = N_("Agent")
KEY_WANTED_AGENT_EXPLAINED = N_("Ne voir que les lignes d'un agent.")
KEY_EVERYTHING = N_("Enlever les filtres")
SHORT_EVERYTHING = N_("Tout")
KEY_EVERYTHING_EXPLAINED = N_("Enlever les filtres et revenir aux lignes les plus récentes.")
KEY_SHEET = N_("Feuille du dossier")
SHORT_SHEET = N_("Feuille")
KEY_SHEET_EXPLAINED = N_(
    "Écrire dans un fichier, ou envoyer au presse-papiers d'un agent à distance, ce que montre le dossier, sans secret ni contact entier, pour le transmettre."
)

JOURNAL_TITLE = N_("Journal · {wanted}")
ALL_LINES = N_("toutes les lignes")
WANTED_CASE = N_("dossier {case}")
WANTED_PERSON = N_("{name} et ses dossiers")
WANTED_ACT = N_("acte : {sentence}")
WANTED_AGENT = N_("agent : {name}")
JOURNAL_EXPLAINED = N_(
    "Le journal, le plus récent d'abord. Les filtres s'ajoutent. Entrée sur une ligne montre toutes celles de son dossier ou de sa personne ; le journal garde la trace de cette lecture."
)
LINES_EXPLAINED = N_("Les lignes du journal. Sous la liste, tout ce qui est écrit de celle qui est choisie.")
TIME_COLUMN = N_("Heure")
EVENT_COLUMN = N_("Acte")
CASE_COLUMN = N_("Dossier")
STEP_COLUMN = N_("Étape")
AGENT_COLUMN = N_("Agent")
ONE_LINE = N_("La ligne choisie")
OLDER = N_("↓ Lignes plus anciennes")
NEWER = N_("↑ Lignes plus récentes")
NO_LINE = N_("Aucune ligne ne répond à ces filtres.")
NO_LINE_YET = N_("Aucune ligne dans cette partie du journal. Entrée continue vers les plus anciennes.")
LINE_NUMBER = N_("ligne n° {line}")
CODE_AND_SENDING = N_("C'est le code n° {code} de ce dossier, envoi n° {sending}.")
ORDINAL_OF_IDENTIFIER = N_("C'est l'identifiant n° {ordinal} de cette personne.")
TAKEN_BY = N_("Pris par : {provider}.")
INCIDENT_ANNOUNCED = N_("C'est l'incident n° {number} : {title} ({where}).")
INCIDENT_ENDED = N_("C'est l'incident n° {number}.")
WAITS_FOR_BUDGET = N_("Le budget de SMS du moment est dépensé : le code attend son tour.")
OPERATIONS: Mapping[str, Text] = {
    "sign-in": N_("C'était une connexion."),
    "ask-password": N_("C'était une demande de message."),
    "choose-password": N_("C'était le choix d'un mot de passe."),
    "reissue-identifier": N_("C'était une demande d'identifiant."),
    "contact": N_("C'était une demande à l'assistance."),
}
"""A sentence for each operation that the calendar can refuse."""
LINE_WITHOUT_FILE = N_("Cette ligne n'est celle d'aucun dossier ni d'aucune personne.")
NEITHER_PERSON_NOR_CASE = N_("Choisissez une personne ou un dossier.")
CHOOSE_ACT = N_("Quel acte ?")
CHOOSE_AGENT = N_("Quel agent ?")
FILTER_HINT = N_("Une lettre va à la ligne qu'elle commence, Entrée choisit, Échap ne change rien.")
ANY = N_("Tous")
REFUSALS_AND_FAILURES = N_("Refus et échecs")
CHOOSE_CASE_FIRST = N_("Choisissez d'abord une ligne d'un dossier.")
SHEET_WRITTEN = N_("La feuille est écrite : {path}")
SHEET_COPIED = N_(
    "La feuille du dossier {case} est envoyée au presse-papiers : collez-la dans un document de votre poste. Si rien ne se colle, votre terminal refuse ce qui vient d'une autre machine : demandez à l'exploitant lequel l'accepte."
)
SHEET_NOT_WRITTEN = N_("La feuille n'a pas pu être écrite dans {path} : {detail}.")

SHEET_TITLE = N_("Dossier {case}")
SHEET_MADE = N_("Feuille faite par {name} le {at}.")
SHEET_IS_PERSONAL = N_(
    "Cette feuille parle d'une personne : ne la transmettez qu'à qui doit traiter ce dossier, puis détruisez-la."
)
CASE_BEGAN = N_("{flow}, dossier ouvert le {at}")
ADDRESS = N_("Adresse : {address}")
PERSON = N_("Personne : {name}")
PERSON_UNKNOWN = N_("L'adresse n'est pas sur la liste électorale, ou l'envoi n'est pas encore décidé.")
PASSWORD_STATE = N_("Mot de passe : {state}")
LATEST_ONLY = N_("Seules les {count} lignes les plus récentes sont reprises.")


PEOPLE_SHOWN = NN_("{count} personne affichée.", "{count} personnes différentes affichées.")
SEARCHES = NN_("{count} recherche depuis la ligne précédente.", "{count} recherches depuis la ligne précédente.")
