from enum import StrEnum

from core.text.text import N_, NN_


class NotReadyCause(StrEnum):
    """Why a host is not ready. Monitoring depends on these words."""

    UNREACHABLE = "unreachable"
    READ_ONLY = "read-only"
    DEMOTED = "demoted"
    DISK_FULL = "disk-full"
    DAMAGED = "damaged"
    SCHEMA = "schema"
    WRONG_KEY = "wrong-key"
    KEY_MISSING = "key-missing"
    CLOCK = "clock"
    BEHIND = "behind"


NO_TABLES = N_(
    "La base manque ou n'a pas de tables. Restaurez-la, ou préparez-la avec « retrouve init » ou « retrouve init --upgrade »."
)
NOT_UTF8 = N_(
    "Cette base est en {encoding}, et non en UTF8 : ses accents se perdraient. Créez-en une autre : createdb --encoding=UTF8 --template=template0 NOM"
)
OLDER_TABLES = N_(
    "Les tables sont celles d'une version d'avant ({found} ; ce programme attend {expected}). Arrêtez le service, sauvegardez la base, puis faites : retrouve init --upgrade"
)
FORMER_TABLES = N_(
    "Cette base vient d'une version de Retrouve d'avant la 1.0 (tables {found}), que ce programme ne met pas à jour. Terminez cette élection avec la version qui l'a créée, ou préparez un nouveau dossier et une base vide avec « retrouve init », puis importez de nouveau la liste électorale."
)
NEWER_TABLES = N_(
    "Les tables sont celles d'une version trop récente pour ce programme ({found} ; il connaît {expected}). Installez la version qui les a mises à jour."
)
OTHER_TABLES = N_(
    "Les tables ne sont pas celles de cette version, bien que la base se dise à jour ({revision}). Il manque, ou diffère : {missing}. Restaurez une sauvegarde d'une version qui se met à jour, ou faites corriger la base."
)
NO_FINGERPRINT = N_(
    "La base ne dit pas encore de quelle clé elle est. Avec la clé de cette élection dans le dossier, faites : retrouve init --upgrade"
)
WRONG_KEY = N_(
    "La clé de ce dossier n'est pas celle de cette base : c'est la clé d'une autre élection, ou la base d'une autre. Rien n'a été compté ni envoyé. Remettez master.key (ou le dossier keys) de cette élection, ou corrigez database_url. N'importez pas la liste électorale."
)

KEY_MISSING = N_(
    "La clé {key} manque à cette machine, et les autres scellent avec elle depuis le {seals_from}. Copiez-y le dossier keys de la machine où elle a été ajoutée, ou donnez-la à key_command, puis rechargez les programmes. Rien n'est perdu."
)
KEY_MISSING_SOON = N_(
    "La clé {key} manque à cette machine, et les autres scelleront avec elle à partir du {seals_from}. Avant ce moment, copiez-y le dossier keys de la machine où elle a été ajoutée, ou donnez-la à key_command, puis rechargez les programmes."
)

UNREACHABLE = N_("La base ne répond pas ({detail}). Vérifiez database_url, le serveur de la base et le réseau.")
READ_ONLY = N_("La base ne peut pas être écrite ({detail}). Vérifiez les droits de ce compte et le montage du disque.")
PRIMARY_READ_ONLY = N_(
    "Le serveur principal de la base est réglé pour ne rien écrire ({detail}). Retirez default_transaction_read_only : avec Patroni par « patronictl edit-config », sinon par ALTER SYSTEM RESET, ALTER DATABASE ou ALTER ROLE."
)
DEMOTED = N_("Ce serveur de base est une copie qui ne s'écrit pas. Nommez le serveur principal dans database_url.")
DISK_FULL = N_("Le disque de la base est plein ({detail}). Libérez de la place.")
DAMAGED = N_("Le fichier de la base est abîmé ({detail}). Arrêtez le service et restaurez une sauvegarde.")
CLOCK_APART = NN_(
    "L'horloge de cette machine s'écarte de {count} seconde de celle de la base. Mettez-la à l'heure (NTP).",
    "L'horloge de cette machine s'écarte de {count} secondes de celle de la base. Mettez-la à l'heure (NTP).",
)
REPLICA_BEHIND = NN_(
    "Ce serveur de base est une copie, en retard de {count} seconde. Nommez le serveur principal dans database_url.",
    "Ce serveur de base est une copie, en retard de {count} secondes. Nommez le serveur principal dans database_url.",
)
COURIER_BEHIND = NN_(
    "La plus ancienne demande attend depuis {count} seconde. Voyez si « retrouve courier » travaille.",
    "La plus ancienne demande attend depuis {count} secondes. Voyez si « retrouve courier » travaille.",
)
