from core.text.text import N_, NN_

HELP = N_("La clé maîtresse de l'élection.")
ROTATE_HELP = N_("Ajoute une clé, qui scelle désormais. Ce que les anciennes ont scellé s'ouvre toujours.")
AFTER_HELP = N_(
    "Minutes avant que la nouvelle clé scelle : le temps de copier le dossier keys sur les autres machines."
)
RETIRE_HELP = N_("Retire les anciennes clés, si aucun message à envoyer n'en a encore besoin.")
LIST_HELP = N_("Montre les clés, jamais leur secret.")

# ── Rotating ─────────────────────────────────────────────────────────────────────────────────────────────

ROTATED = N_("La clé {key} scelle désormais. Les programmes en marche la prennent sans redémarrer.")
ROTATED_LATER = N_("La clé {key} scellera à partir du {seals_from}. Les programmes en marche la prendront seuls.")
GIVE_TO_SYSTEMD = N_(
    "Si systemd donne les clés aux programmes (LoadCredential), donnez-lui les nouveaux fichiers et redémarrez chaque programme avant « retrouve keys retire »."
)
ADDED = N_("La clé {key} est ajoutée à master.key et aux fichiers du dossier keys.")
ADDED_LATER = N_(
    "La clé {key} est ajoutée à master.key et aux fichiers du dossier keys. Elle scellera à partir du {seals_from}."
)
GIVE_TO_COMMAND = N_(
    "Mettez ces fichiers là où key_command les lit, puis rechargez ou redémarrez chaque programme : jusque-là, il n'ouvre rien de ce que cette clé scelle. Ensuite seulement vient « retrouve keys retire »."
)
COPY_TO_HOSTS = N_(
    "Copiez le dossier keys sur chaque autre machine avant ce moment. Une seule machine change les clés."
)
COPY_AWAY = N_("Copiez master.key de nouveau en lieu sûr : l'ancienne copie n'ouvrira pas ce que la clé {key} scelle.")
OTHER_MACHINES = N_(
    "Rien n'a été fait : d'autres machines servent cette élection ({hosts}), et refuseraient ce que la nouvelle clé scelle avant de l'avoir. Donnez le temps de leur copier le dossier keys, par exemple un quart d'heure : retrouve keys rotate --after 15"
)
OTHER_MACHINES_UNSEEN = N_(
    "Rien n'a été fait : la base ne répond pas. Elle seule dit si d'autres machines doivent recevoir la nouvelle clé. Réessayez quand elle répond."
)
NOT_ANNOUNCED = N_(
    "Les autres machines ne savent peut-être pas que cette clé leur manque. Quand la base répond, refaites la même commande : elles l'apprendront avec la clé suivante."
)
OUTDATED_MASTER_KEY = N_(
    "Le dossier keys n'a pas été changé : {path} est une ancienne copie, sans la clé {key} que ce dossier contient. Remplacez-la par sa copie la plus récente, puis recommencez. Si cette copie est perdue, ôtez master.key : les programmes se servent du dossier keys."
)
NO_MORE_IDS = N_("Rien n'a été fait : les 255 numéros de clé de cette élection sont pris.")
CANNOT_WRITE = N_("Rien n'a été fait : {path} ne peut pas être remplacé ({detail}).")

# ── Retiring ─────────────────────────────────────────────────────────────────────────────────────────────

NOTHING_TO_RETIRE = N_("Il n'y a pas d'ancienne clé à retirer.")
TOO_EARLY = N_("Rien n'a été retiré : la clé {key} ne sera celle de tous les programmes qu'à partir du {settled}.")
COMMAND_LACKS_KEY = N_(
    "Rien n'a été retiré : key_command ne donne pas la clé {key} à : {names}. Mettez master.key et les fichiers du dossier keys là où elle les lit, rechargez ou redémarrez chaque programme, puis recommencez."
)
FILES_LACK_KEY = N_(
    "Rien n'a été retiré : la clé {key} de master.key manque à : {names}. Faites « retrouve init --upgrade --dir {folder} », redémarrez chaque programme, puis recommencez."
)
DATABASE_SILENT = N_("Rien n'a été retiré : la base ne répond pas, et ses messages ont peut-être besoin de ces clés.")
NEEDED_BY = N_("  dossier {case} : clé {key}, jusqu'au {until}")
NEEDED_END = N_("Réessayez après leur envoi, ou le {until} : plus aucun ne servira.")
NO_LONGER_OPENS = (
    N_(
        "Ce qu'elles ont scellé ne s'ouvre plus : le lien « ce n'était pas moi » des avis déjà envoyés, la page d'un"
        " nouveau mot de passe ouverte avant (son lien fonctionne toujours), les navigateurs reconnus."
    ),
    N_(
        "Copiez le dossier keys sur chaque autre machine, et master.key en lieu sûr. Gardez l'ancienne copie avec les sauvegardes d'avant."
    ),
)
GIVE_AGAIN_TO_COMMAND = N_(
    "Mettez aussi les nouveaux fichiers là où key_command les lit : jusque-là, elle donne encore les anciennes clés."
)
VALUES_NEEDING_OLD_KEY = NN_(
    "Rien n'a été retiré : {count} message à envoyer est scellé par une ancienne clé.",
    "Rien n'a été retiré : {count} messages à envoyer sont scellés par une ancienne clé.",
)
KEYS_RETIRED = NN_("{count} ancienne clé est retirée.", "{count} anciennes clés sont retirées.")

# ── Showing ──────────────────────────────────────────────────────────────────────────────────────────────

LINE = N_("clé {key}, du {created} : {role}")
LINE_OF_ANCHOR = N_("clé {key}, du {created} : {role} ; elle reste celle des empreintes")
SEALS = N_("scelle et ouvre")
WILL_SEAL = N_("ouvre, et scellera à partir du {seals_from}")
OPENS = N_("ouvre")
RETIRED = N_("retirée le {retired}")
