from core.text.text import N_

HELP = N_("Prépare le dossier d'une élection : ses clés, ses réglages et sa base.")
FOLDER_HELP = N_("Le dossier de l'élection ; il est créé s'il n'existe pas.")
UPGRADE_HELP = N_("Met à jour la base et les fichiers de clés d'un dossier déjà préparé, et ne touche à rien d'autre.")

ALREADY_THERE = N_("Rien n'a été fait : {folder} contient déjà {names}. Choisissez un autre dossier avec --dir.")
FOLDER_IMPOSSIBLE = N_("Rien n'a été fait : {folder} ne peut pas être écrit ({detail}).")
SETTINGS_REFUSED = N_("Rien n'a été fait : les réglages sont refusés.")
KEYS_REFUSED = N_("La base n'a pas été touchée : les clés sont refusées.")
DATABASE_IMPOSSIBLE = N_("Rien n'a été fait : la base ne peut pas être préparée ({detail}).")

FINISH_BY_UPGRADE = N_(
    "La base de données n'a pas répondu jusqu'au bout ({detail}). Elle connaît peut-être déjà les clés de {folder}, qui reste. Pour finir : retrouve init --upgrade --dir {folder}. Ensuite :"
)
DATABASE_REFUSED = N_("Rien n'a été fait : la base est refusée.")
UPGRADED = N_("La base est à jour.")
ROLE_FILES_WRITTEN = N_("Chaque programme a son fichier de clés dans {folder}/keys, d'après master.key.")
MASTER_KEY_AWAY = N_(
    "master.key est gardée ailleurs : les fichiers de {folder}/keys, entiers, restent ce qu'ils étaient."
)
JOURNAL_KEY = N_("Clé publique du journal, à donner au bureau de vote : {key}")
DONE = N_("Le dossier {folder} est prêt.")
NEXT = (
    N_(
        "1. Copiez {folder}/master.key en lieu sûr, à part des sauvegardes. Sans elle, la base ne peut plus servir. Vous pouvez ensuite la retirer d'ici : chaque programme lit son propre fichier dans {folder}/keys."
    ),
    N_("2. Complétez {folder}/election.toml : le site, les dates, l'assistance, les relais de messagerie."),
    N_("3. Vérifiez le tout : retrouve doctor --dir {folder}"),
    N_("4. Importez la liste électorale : retrouve roll import FICHIER.csv --dir {folder}"),
    N_("5. Démarrez le site, retrouve serve --dir {folder}, et l'envoi des messages, retrouve courier --dir {folder}."),
)
OPEN_TO_OTHERS = N_("Attention : d'autres comptes peuvent entrer dans ce dossier. Faites : chmod 700 {folder}")
