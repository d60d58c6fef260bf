from core.policy.calendar import ElectionPhase
from core.ports import SmsDeliveryStatus
from core.text.text import N_, NN_, Text

HELP = N_("Vérifie que cette élection peut fonctionner ; s'arrête avec le code 1 s'il y a un défaut.")

SMS_HELP = N_("Envoie un SMS d'essai à ce mobile, et montre la requête, la réponse et le compte rendu.")
GATEWAY_HELP = N_("La passerelle qui envoie le SMS d'essai ; par défaut, la première.")
TEST_TEXT = N_("SMS d'essai de {site}. Vous n'avez rien à faire.")
NO_SUCH_GATEWAY = N_("Aucune passerelle SMS n'a ce nom. Celles des réglages : {names}.")
TEST_REQUEST = N_("Requête :")
TEST_ANSWER = N_("Réponse :")
TEST_ACCEPTED = N_("{gateway} accepte le SMS.")
TEST_NOT_ACCEPTED = N_("{gateway} n'accepte pas le SMS ({reason}).")
CHECK_PROVIDER_ACCOUNT = N_(
    "Le fournisseur ne reconnaît pas le compte. Vérifiez le secret, et le nom du compte s'il en faut un."
)
TEST_WAITS = NN_(
    "Attente du compte rendu, {count} seconde au plus…", "Attente du compte rendu, {count} secondes au plus…"
)
TEST_REPORTS = {
    SmsDeliveryStatus.ACCEPTED: N_("Compte rendu : l'opérateur a pris le SMS."),
    SmsDeliveryStatus.BUFFERED: N_("Compte rendu : le téléphone ne répond pas, l'opérateur garde le SMS."),
    SmsDeliveryStatus.DELIVERED: N_("Compte rendu : le téléphone a reçu le SMS."),
}
TEST_UNDELIVERED = N_("Compte rendu : le SMS n'a pas été remis.")
TEST_NO_REPORT = NN_(
    "Aucun compte rendu définitif n'est arrivé au site en {count} seconde.",
    "Aucun compte rendu définitif n'est arrivé au site en {count} secondes.",
)
CHECK_REPORTS = N_("Vérifiez que le site est en marche et que le fournisseur peut joindre l'adresse du compte rendu.")

LINE = N_("{verdict} – {subject} : {finding}")
LINE_WITH_REMEDY = N_("{verdict} – {subject} : {finding} {remedy}")
OK = N_("bon")
ATTENTION = N_("attention")
FAULT = N_("défaut")

# ── The election's folder ────────────────────────────────────────────────────────────────────────────────

FOLDER = N_("dossier")
FOLDER_FINE = N_("{folder} n'est ouvert qu'au compte {account}.")
FOLDER_SHARED = N_("{folder} n'est ouvert qu'au compte {account} et à ceux du groupe {group}.")
FOLDER_MISSING = N_("{folder} n'existe pas.")
FOLDER_OF_NO_ELECTION = N_("{folder} n'est pas le dossier d'une élection.")
GIVE_FOLDER = N_("Donnez-le avec --dir, ou par la variable RETROUVE_DIR ; « retrouve init » en crée un.")
RUN_INIT = N_("Créez-le : retrouve init --dir {folder}")
FOLDER_OPEN = N_("d'autres comptes peuvent entrer dans {folder}.")
CLOSE_FOLDER = N_("Faites : chmod 700 {folder}")

KEYS = N_("clés")
MASTER_KEYS_USABLE = NN_("{count} clé, qui scelle et ouvre.", "{count} clés, qui scellent et ouvrent.")
KEYS_DO_NOT_OPEN = N_("« retrouve courier » n'ouvre pas ce que « retrouve serve » a scellé.")
RESTORE_KEYS = N_("Restaurez master.key depuis sa copie de secours, puis faites : retrouve init --upgrade")
KEYS_NOT_APART = N_(
    "il manque des fichiers dans le dossier keys : un programme au moins lit master.key, et qui le tient ouvre tout."
)
KEYS_BEHIND = N_("les fichiers du dossier keys ne suivent pas master.key.")
KEYS_BY_COMMAND = N_("la commande key_command les donne.")
KEYS_OF_SOME = N_("certains programmes n'ont pas leur fichier dans le dossier keys : ils ne peuvent pas démarrer ici.")
COPY_ROLE_FILES = N_(
    "Si l'un d'eux le doit, copiez son fichier d'une autre machine, ou master.key le temps d'un init --upgrade."
)
WRITE_ROLE_FILES = N_("Faites : retrouve init --upgrade --dir {folder}")

ACCOUNTS = N_("comptes des programmes")
ACCOUNTS_FINE = N_("chacun peut ouvrir ses clés, les réglages et les fichiers qu'ils nomment.")
ACCOUNT_CANNOT_OPEN = N_("le compte {account}, celui du programme {program}, ne peut pas ouvrir : {files}.")
LET_OPEN = N_("Corrigez le propriétaire, le groupe ou le mode de ces fichiers, comme dans docs/install.md.")

SETTINGS = N_("réglages")
RELOAD_REFUSED = N_(
    "« retrouve {program} » a refusé les réglages ou les clés à son dernier rechargement : il continue avec les anciens."
)
RELOAD_AGAIN = N_("Son journal technique dit pourquoi (settings-refused). Corrigez, puis faites : systemctl reload")
SETTINGS_FINE = N_("election.toml et les variables RETROUVE_… sont lus.")

# ── The database ─────────────────────────────────────────────────────────────────────────────────────────

DATABASE = N_("base")
DATABASE_FINE = N_("elle répond, elle est à jour ({revision}, empreinte {digest}) et elle s'écrit.")
DATABASE_REFUSED = N_("elle ne convient pas à ce programme.")
DATABASE_MORE = N_("elle a des colonnes ou des index qui ne sont pas de cette version : {more}.")
LEAVE_DATABASE = N_("Rien ne presse s'ils sont voulus ; une contrainte de plus peut faire échouer des écritures.")
DATABASE_OF_KEYS = N_("clés de la base")
DATABASE_OF_OUR_KEYS = N_("la base et les fichiers de clés sont de la même élection.")
KEYS_WITHOUT_NEWEST = N_("{files} : la clé {key} n'y est pas.")
KEYS_OF_ANOTHER = N_("{files} : la base est d'une autre clé.")
DATABASE_MISSING = N_("le fichier {path} n'existe pas.")
RESTORE_DATABASE = N_("Restaurez-le, ou préparez un nouveau dossier avec « retrouve init ».")
DATABASE_UNREACHABLE = N_("elle ne répond pas ({detail}).")
START_DATABASE = N_("Vérifiez database_url, et que le serveur de la base fonctionne.")
DATABASE_READ_ONLY = N_("elle ne peut pas être écrite ({detail}).")
DATABASE_CAUSE = N_("elle ne peut pas servir ({cause}).")
FREE_DATABASE = N_("Vérifiez les droits de ce compte, la place sur le disque, et qu'aucun programme ne la retient.")

STANDBY = N_("réplique de la base")
STANDBYS_CONFIRM = NN_(
    "{count} confirme chaque changement avant qu'une page le dise.",
    "{count} confirment chaque changement avant qu'une page le dise.",
)
STANDBY_NONE = N_(
    "aucune : si ce serveur est perdu, tout ce qui suit la dernière sauvegarde l'est aussi, et rien ne peut prendre le relais."
)
STANDBY_ASYNCHRONOUS = N_(
    "aucune n'est synchrone : à une bascule, des mots de passe confirmés et des identifiants envoyés seraient perdus."
)
NAME_STANDBY = N_(
    "Avec Patroni : synchronous_mode et synchronous_mode_strict ; sinon synchronous_standby_names. Voyez docs/database.md."
)
STANDBY_MISSING = N_("celle que la base attend n'est pas connectée : chaque changement attend.")
START_STANDBY = N_("Démarrez-la, ou laissez Patroni en choisir une autre.")
STANDBY_UNSEEN = N_("ce compte n'a pas le droit de la voir.")
LET_SEE_STANDBY = N_("Faites dans la base : GRANT pg_read_all_stats TO ce compte.")

PRIMARY = N_("serveur principal de la base")
ONE_PRIMARY = N_("un seul des serveurs que nomme database_url prend les écritures.")
SEVERAL_PRIMARIES = N_(
    "{count} des serveurs que nomme database_url prennent les écritures : ce qui est confirmé sur l'un manque à l'autre."
)
STOP_BEFORE_CHOOSING = N_(
    "Arrêtez « serve », « courier » et « deskd » sur toutes les machines, n'importez aucune liste, puis suivez la section Two primaries de docs/incidents.md."
)

# ── Disks ────────────────────────────────────────────────────────────────────────────────────────────────

DISK = N_("disque")
DATABASE_DISK = N_("disque de la base")
DISK_FINE = N_("{free} Mo sont libres ({percent} %) pour {path}.")
DISK_NEARLY_FULL = N_("il ne reste que {free} Mo ({percent} %) pour {path}.")
DISK_FULL = N_("il est plein : il reste {free} Mo pour {path}.")
WITHOUT_LOG = N_("{path} (sans pg_wal, que ce compte ne voit pas et qui peut avoir son propre disque)")
MAKE_ROOM = N_("Libérez de la place : sans elle, rien n'est enregistré.")
DATABASE_DISK_UNSEEN = N_("la base occupe {used} Mo ; la place libre sur son serveur ne se voit pas d'ici.")
WATCH_DISK = N_("Surveillez-la sur le serveur.")
PAGES = N_("pages de la base")
PAGES_FINE = N_("aucune n'est abîmée (quick_check).")
PAGES_AND_INDEXES_FINE = N_("aucune somme de contrôle n'a échoué, et les index sont entiers (amcheck).")
INDEXES_UNSEEN = N_(
    "aucune somme de contrôle n'a échoué ; les index n'ont pas pu être examinés (amcheck n'est pas installé ou pas permis)."
)
PAGES_UNSEEN = N_("ce serveur ne garde pas de sommes de contrôle : une page abîmée ne se verrait pas d'ici.")
SHOW_PAGES = N_(
    "Sur le serveur : initdb --data-checksums ou pg_checksums, et CREATE EXTENSION amcheck avec EXECUTE sur bt_index_check."
)
PAGES_DAMAGED = N_("une page au moins est abîmée ({detail}).")
CHECKSUMS_FAILED = NN_(
    "{count} somme de contrôle a échoué sur ce serveur.",
    "{count} sommes de contrôle ont échoué sur ce serveur.",
)
RESTORE_PAGES = N_("Arrêtez le service, gardez une copie de la base telle quelle, et restaurez une sauvegarde.")

# ── The electoral roll ───────────────────────────────────────────────────────────────────────────────────

ROLL = N_("liste électorale")
ROLL_EMPTY = N_("elle est vide : personne ne peut rien demander.")
IMPORT_ROLL = N_("Importez-la : retrouve roll import FICHIER.csv")
ROLL_FINE = N_("le service de vote reconnaît chacun, par la clé que nous partageons.")
ROLL_OF_ANOTHER_KEY = NN_(
    "{count} personne a été importée sous une autre clé du service de vote, qui ne la reconnaîtrait pas.",
    "{count} personnes ont été importées sous une autre clé du service de vote, qui ne les reconnaîtrait pas.",
)
IMPORT_ROLL_AGAIN = N_("Importez-la de nouveau : retrouve roll import FICHIER.csv --apply")

# ── New identifiers ──────────────────────────────────────────────────────────────────────────────────────

IDENTITY = N_("identité")
IDENTITY_BY_PASSWORD = N_(
    "rien n'arrête quelqu'un qui a le mot de passe d'une personne et connaît sa date de naissance et son NUMEN : il reçoit l'identifiant de vote de cette personne sur son propre mobile, et elle ne l'apprend qu'ensuite, par l'avis."
)
CONFIRM_IN_MAILBOX = N_(
    'Faites confirmer chaque demande dans la messagerie : confirm_in_mailbox = true dans [policy], comme avec preset = "2026".'
)
IDENTITY_BY_MAILBOX = N_(
    "chaque demande d'identifiant se confirme dans la messagerie ; rien n'arrête quelqu'un qui lit la messagerie d'une personne et connaît sa date de naissance et son NUMEN."
)

# ── Legal requirements ───────────────────────────────────────────────────────────────────────────────────

LEGAL = N_("mentions légales")
LEGAL_FINE = N_("les pages que la loi demande sont complètes.")
LEGAL_MISSING = N_("les pages que la loi demande sont incomplètes : {settings}.")
GIVE_LEGAL = N_("Donnez ces réglages dans la section [legal].")

# ── The rows that decide ─────────────────────────────────────────────────────────────────────────────────

ROWS = N_("lignes de la base")
ROWS_FINE = N_("chacune de celles qui décident est telle que ce service l'a écrite.")
ROWS_ALTERED = NN_(
    "{count} ligne a été écrite ou changée par quelqu'un d'autre.",
    "{count} lignes ont été écrites ou changées par quelqu'un d'autre.",
)
VERIFY_ROWS = N_(
    "Elles sont refusées. « retrouve journal verify » les nomme ; après une mise à jour interrompue : retrouve init --upgrade"
)

# ── The journal ──────────────────────────────────────────────────────────────────────────────────────────

JOURNAL = N_("journal")
JOURNAL_FINE = N_("il est scellé au fil de l'eau ; le dernier point de contrôle est le n° {checkpoint}.")
JOURNAL_NEW = N_("rien n'attend son sceau, et aucun point de contrôle n'a encore été fait.")
JOURNAL_UNSEALED = N_("des lignes attendent leur sceau depuis le {oldest}.")
START_COURIER = N_("Démarrez « retrouve courier », ou voyez dans son journal technique ce qui l'arrête.")
JOURNAL_KEPT_HERE = N_("ses points de contrôle ne partent nulle part : qui tient cette machine peut tout refaire.")
GIVE_BOARD = N_("Donnez l'adresse du bureau de vote : email dans [board].")

# ── The couriers and the queue ───────────────────────────────────────────────────────────────────────────

SENDING = N_("envoi des messages")
COURIERS_WORK = N_("« retrouve courier » travaille ({hosts}).")
COURIERS_STOPPED = N_("aucun « retrouve courier » ne travaille depuis le {seen} : rien n'est envoyé.")
COURIER_STOPPED = N_(
    "« retrouve courier » ne travaille plus sur {host} depuis le {seen}. Les autres machines envoient."
)
COURIER_UNKNOWN = N_("aucun « retrouve courier » n'a travaillé ces sept derniers jours : rien n'est envoyé.")
START_COURIER_THERE = N_("Démarrez-le sur cette machine, sauf si vous l'avez retirée.")
QUEUE = N_("file d'attente")
QUEUE_FINE = N_("aucun message n'attend depuis plus d'une minute.")
QUEUE_AGES = NN_(
    "un message attend depuis {count} seconde.",
    "un message attend depuis {count} secondes.",
)
READ_COURIER_LOG = N_(
    "Le journal technique de « retrouve courier » dit quel relais ou quelle passerelle ne le prend pas."
)

# ── The limits per network ───────────────────────────────────────────────────────────────────────────────

NETWORKS = N_("limites par réseau")
NETWORKS_FINE = N_("Valkey {version} répond, et compte pour toutes les machines.")
NETWORKS_UNREACHABLE = N_(
    "Valkey ne répond pas ({detail}) : les pages fonctionnent, et chaque programme compte pour lui."
)
START_VALKEY = N_("Démarrez-le, ou vérifiez throttle_url et que le réseau laisse passer.")
NETWORKS_REFUSED = N_(
    "Valkey refuse ce compte ({detail}) : les pages fonctionnent, et chaque programme compte pour lui."
)
CHECK_VALKEY_ACCOUNT = N_("Vérifiez le compte et le mot de passe de throttle_url.")
NETWORKS_READ_ONLY = N_(
    "Valkey {version} répond, mais c'est une copie qui ne s'écrit pas : chaque programme compte pour lui."
)
SENTINELS_SILENT = N_("Valkey {version} répond, mais pas ces sentinelles : {sentinels}.")
START_SENTINELS = N_("Démarrez-les : sans la majorité d'entre elles, aucune réplique ne remplace un serveur mort.")
NETWORKS_ALONE = N_("Valkey {version} répond, mais n'a pas de réplique : s'il meurt, rien ne le remplace.")
START_REPLICA = N_("Démarrez la réplique (deploy/valkey).")
NAME_PRIMARY = N_("Donnez dans throttle_url l'adresse du serveur principal.")

# ── The SMS gateways ─────────────────────────────────────────────────────────────────────────────────────

GATEWAYS = N_("passerelles SMS")
GATEWAY = N_("passerelle SMS {gateway}")
GATEWAY_FINE = N_("elle répond et prend ce compte.")
GATEWAY_UNREACHABLE = N_("elle ne répond pas ({detail}) : les SMS attendent, ou passent par la suivante.")
PROVIDER_ANSWERS = N_("{site} répond. « retrouve doctor --sms » vérifie le compte.")
CHECK_GATEWAY = N_("Vérifiez url, et que Kannel fonctionne.")
GATEWAY_REFUSES = N_("elle refuse ce compte.")
CHECK_GATEWAY_ACCOUNT = N_("Vérifiez username et password_file, ceux du groupe « sendsms-user » de Kannel.")
GATEWAY_ODD = N_("elle répond autre chose qu'une passerelle ({detail}).")
NO_GATEWAY = N_("aucune n'est réglée : personne ne peut recevoir un nouvel identifiant de vote.")
SET_GATEWAY = N_("Ajoutez une section [[sms.gateways]].")
ANSWERS = N_("réponses par SMS")
NO_INBOUND_SECRET = N_("aucune n'est lue : le secret des SMS entrants manque.")
SET_INBOUND_SECRET = N_("Réglez inbound_secret_file, et le même secret dans l'adresse « get-url » de Kannel.")

# ── The mail relays ──────────────────────────────────────────────────────────────────────────────────────

RELAY = N_("relais {relay}")
RELAY_FINE = N_("il répond, et le chemin est protégé.")
RELAY_IN_CLEAR = N_("il répond, mais les messages et leurs liens voyagent en clair.")
RELAY_IN_CLEAR_HERE = N_("il répond, sur cette machine.")
PROTECT_RELAY = N_('Choisissez tls = "starttls" ou "implicit".')
RELAY_UNREACHABLE = N_("il ne répond pas ({detail}).")
CHECK_RELAY = N_("Vérifiez host, port et tls, et que le réseau laisse passer.")
RELAY_UNTRUSTED = N_("la connexion protégée échoue ({detail}).")
CHECK_CERTIFICATE = N_("Vérifiez tls, et que le certificat porte le nom de host et vient d'une autorité connue.")
RELAY_WITHOUT_STARTTLS = N_("il ne propose pas STARTTLS.")
CHANGE_TLS = N_('Essayez tls = "implicit" (souvent au port 465), ou un autre port.')
RELAY_REFUSES = N_("il refuse ce compte ({detail}).")
CHECK_ACCOUNT = N_("Vérifiez username et le fichier password_file.")

# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────

CLOCK = N_("horloge")
CLOCK_FINE = N_("elle indique le {now}.")
CLOCK_IMPLAUSIBLE = N_("elle indique le {now} : l'année est impossible.")
CLOCKS_APART = NN_(
    "elle et celle de la base diffèrent de {count} seconde.",
    "elle et celle de la base diffèrent de {count} secondes.",
)
HOST_CLOCK_FINE = N_("celle de {host} s'accorde avec celle de la base.")
HOST_CLOCK_APART = NN_(
    "celle de {host} s'écarte de {count} seconde de celle de la base : un site n'y est pas prêt.",
    "celle de {host} s'écarte de {count} secondes de celle de la base : un site n'y est pas prêt.",
)
SET_CLOCK = N_("Mettez les machines à l'heure (NTP) : les liens et le vote se ferment à la seconde.")
CLOCK_SHIFTED = N_("le service vit le {now}, à cause de clock_offset_seconds.")
UNSHIFT_CLOCK = N_("Retirez ce réglage : il est fait pour la démonstration.")

CALENDAR = N_("calendrier")
PHASES: dict[ElectionPhase, Text] = {
    ElectionPhase.BEFORE: N_("le service ouvrira le {recovery_opens}."),
    ElectionPhase.OPEN: N_("le service est ouvert ; le vote commencera le {vote_opens}."),
    ElectionPhase.VOTING: N_("le vote est en cours, jusqu'au {vote_closes}."),
    ElectionPhase.LAST_MINUTES: N_("ce sont les dernières minutes du vote, jusqu'au {vote_closes}."),
    ElectionPhase.CLOSED: N_("le vote est clos depuis le {vote_closes}."),
}
CHECK_DATES = N_("Si ce n'est pas voulu, corrigez les dates de [election].")

# ── The site ─────────────────────────────────────────────────────────────────────────────────────────────

SITE = N_("site")
SITE_FINE = N_("{site} est en HTTPS, et ses cookies aussi.")
SITE_IN_CLEAR = N_("{site} n'est pas en HTTPS : mots de passe et cookies voyagent en clair.")
USE_HTTPS = N_("Mettez un mandataire HTTPS devant le service, et https:// dans site.")
HOSTS = N_("noms du site")
HOSTS_FINE = N_("le service répond à {hosts}.")
HOSTS_WITHOUT_SITE = N_("{host}, le nom de site, n'est pas dans allowed_hosts : chaque page serait refusée.")
ADD_HOST = N_("Ajoutez-le à allowed_hosts, ou retirez ce réglage.")
