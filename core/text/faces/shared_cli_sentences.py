from core.text.text import N_

HELP = N_("Retrouve rend aux électeurs leur mot de passe et leur identifiant de vote.")
VERSION_HELP = N_("Dit quelle version c'est.")
FOLDER_HELP = N_("Le dossier fait par « retrouve init » ; sans cette option, RETROUVE_DIR ou le dossier courant.")
SERVE_HELP = N_(
    "Le site des électeurs, jusqu'à SIGTERM ; les demandes en cours sont d'abord servies. SIGHUP relit les réglages."
)
COURIER_HELP = N_(
    "Envoie ce qui attend, jusqu'à SIGTERM ; les messages en main partent d'abord. SIGHUP relit les réglages."
)

STORE_UNREADY = N_(
    "La base de données ne peut pas être utilisée ({detail}). Rien n'a été changé. Pour savoir pourquoi : retrouve doctor"
)
OUTCOME_UNKNOWN = N_(
    "La base de données n'a pas répondu ({detail}). Nul ne sait si tout est fait : regardez ce qui est enregistré avant de recommencer. Pour savoir pourquoi : retrouve doctor"
)

REFUSED_BY_SYSTEM = N_(
    "La commande s'est arrêtée ({detail}). Vérifiez le dossier, les droits de ce compte et la place sur le disque, puis recommencez."
)

METRICS_ADDRESS_TAKEN = N_(
    "Les mesures ne peuvent pas être lues à {place} : {detail}. Changez la section [metrics] d'election.toml."
)

SITE_ADDRESS_TAKEN = N_(
    "{host}:{port} ne peut pas servir au site ({detail}). Changez [web] port dans election.toml, ou arrêtez ce qui l'occupe."
)
NOT_IN_JOURNAL = N_(
    "C'est fait, mais le journal n'en sait rien : la base ne prend pas la ligne ({detail}). Prévenez vous-même le bureau de vote."
)
JOURNAL_OUTCOME_UNKNOWN = N_(
    "C'est fait, mais la base n'a pas répondu ({detail}) : nul ne sait si le journal a la ligne. Quand le programme d'envoi a scellé le journal, l'export la montre si elle y est : retrouve journal export NOUVEAU_DOSSIER --dir {folder}. Sinon, prévenez vous-même le bureau de vote."
)
