"""What `retrouve init` says."""

from core.text import N_

HELP = N_("Prépare le dossier d'une élection : sa clé maîtresse, ses réglages et sa base.")
FOLDER_HELP = N_("Le dossier de l'élection ; il est créé s'il n'existe pas.")
UPGRADE_HELP = N_("Met à jour la base d'un dossier déjà préparé, et ne touche à rien d'autre.")

ALREADY_THERE = N_("Rien n'a été fait : {folder} contient déjà {names}. Choisissez un autre dossier avec --dir.")
FOLDER_IMPOSSIBLE = N_("Rien n'a été fait : {folder} ne peut pas être écrit ({detail}).")
SETTINGS_REFUSED = N_("Rien n'a été fait : les réglages sont refusés.")
DATABASE_IMPOSSIBLE = N_("Rien n'a été fait : la base ne peut pas être préparée ({detail}).")

UPGRADED = N_("La base est à jour.")
JOURNAL_KEY = N_("Clé publique du journal, à donner au bureau de vote : {key}")
DONE = N_("Le dossier {folder} est prêt.")
NEXT = (
    N_("1. Copiez {folder}/master.key en lieu sûr, à part des sauvegardes. Sans elle, la base ne peut plus servir."),
    N_("2. Complétez {folder}/election.toml : le site, les dates, l'assistance, les relais de messagerie."),
    N_("3. Vérifiez le tout : retrouve doctor --dir {folder}"),
    N_("4. Importez la liste électorale : retrouve roll import FICHIER.csv --dir {folder}"),
    N_("5. Démarrez le site, retrouve serve --dir {folder}, et l'envoi des messages, retrouve courier --dir {folder}."),
)
OPEN_TO_OTHERS = N_("Attention : d'autres comptes peuvent entrer dans ce dossier. Faites : chmod 700 {folder}")
