from core.text.text import N_

BACKUP_HELP = N_(
    "Sauvegarde l'élection de ce dossier dans un seul fichier, sans rien arrêter : base et réglages, sans les clés."
)
WITH_KEY_HELP = N_("Y met aussi la clé maîtresse.")
ENCRYPT_HELP = N_("Chiffre la sauvegarde pour cette clé publique age (age1…) ; peut être répété.")
IDENTITY_HELP = N_("Le fichier de la clé secrète age qui ouvre une sauvegarde chiffrée (age-keygen).")
RESTORE_HELP = N_("Remet l'élection d'une sauvegarde dans un dossier qui n'en contient pas encore.")
COPYING = N_("Copie de la base")

# ── Backing up ───────────────────────────────────────────────────────────────────────────────────────────

DONE = N_("La sauvegarde {file} est faite : la base telle qu'elle était le {made}, et les réglages.")
WITHOUT_KEY = N_("Les clés n'y sont pas : sans master.key, gardée ailleurs, elle ne peut pas servir.")
HOLDS_THE_KEY = N_(
    "Attention : {file} contient la clé maîtresse. Qui le lit ouvre tout ce qui est scellé ; gardez-le comme la clé."
)
ENCRYPTED = N_("Elle est chiffrée : seule la clé secrète age, gardée ailleurs, l'ouvre.")
NO_RECIPIENT = N_("Rien n'a été fait : une clé publique age commence par « age1 » ({detail}).")
IDENTITY_NEEDED = N_("Rien n'a été fait : {file} est chiffrée. Donnez la clé secrète age avec --identity.")
NO_IDENTITY = N_(
    "Rien n'a été fait : {file} n'est pas chiffrée pour cette clé, n'est pas entière ou a été changée depuis."
)
NOT_IN_IT = N_("Les fichiers de mots de passe des relais et des passerelles n'y sont pas.")
FILE_THERE = N_("Rien n'a été fait : {file} existe déjà. Choisissez un autre nom.")
NOT_EMBEDDED = N_(
    "Rien n'a été fait : la base est un serveur PostgreSQL. Sauvegardez-la avec pg_dump, et master.key à part."
)
NOT_IN_FOLDER = N_("Rien n'a été fait : la base {path} n'est pas dans le dossier de l'élection.")
SOURCE_DAMAGED = N_("Rien n'a été fait : la base est abîmée ({detail}). Gardez vos sauvegardes précédentes.")
IMPOSSIBLE = N_("Rien n'a été fait : {detail}.")

# ── Restoring ────────────────────────────────────────────────────────────────────────────────────────────

FOLDER_HAS_DATA = N_("Rien n'a été fait : {folder} contient déjà {names}. Choisissez un autre dossier avec --dir.")
NOT_A_BACKUP = N_("Rien n'a été fait : {file} n'est pas une sauvegarde, n'est pas entier ou a été changé depuis.")
COPY_DAMAGED = N_("Rien n'a été fait : la base de {file} est abîmée ({detail}).")
RESTORED = N_("L'élection du {made} est dans {folder}. Ce qui s'est passé depuis n'y est pas.")
NEXT = (
    N_("1. Assurez-vous que l'ancienne installation est arrêtée : deux ne doivent pas servir les mêmes électeurs."),
    N_(
        "2. Remettez les fichiers de mots de passe des relais et des passerelles, s'il y en a, et donnez le dossier au compte du service."
    ),
    N_("3. Mettez la base à jour si la version a changé : retrouve init --upgrade --dir {folder}"),
    N_("4. Vérifiez le tout : retrouve doctor --dir {folder}"),
    N_("5. Démarrez retrouve serve --dir {folder} et retrouve courier --dir {folder}."),
)
KEY_MISSING = N_(
    "Il manque la clé : copiez master.key, depuis sa copie de secours, dans {folder}, puis faites : retrouve init --upgrade --dir {folder}"
)
ROLE_FILES_NOT_UPDATED = N_(
    "Les fichiers de {folder}/keys n'ont pas pu être mis à jour ({detail}). Levez l'obstacle, puis faites : retrouve init --upgrade --dir {folder}"
)
SENT_AGAIN = N_(
    "Les messages qui attendaient à cet instant, et qui servent encore, partiront, peut-être une seconde fois."
)
