"""What `retrouve doctor` finds, and what to do about it. A detail in English comes from the system, as it says it."""

from core.policy import Phase
from core.text import N_, NN_, Text

HELP = N_("Vérifie que cette élection peut fonctionner ; s'arrête avec le code 1 s'il y a un défaut.")

LINE = N_("{verdict} – {subject} : {finding}")
LINE_WITH_REMEDY = N_("{verdict} – {subject} : {finding} {remedy}")
OK = N_("bon")
ATTENTION = N_("attention")
FAULT = N_("défaut")

# ── The folder and what is in it ─────────────────────────────────────────────────────────────────────────

FOLDER = N_("dossier")
FOLDER_FINE = N_("{folder} est réservé à ce compte.")
FOLDER_MISSING = N_("{folder} n'existe pas.")
RUN_INIT = N_("Créez-le : retrouve init --dir {folder}")
FOLDER_OPEN = N_("d'autres comptes peuvent entrer dans {folder}.")
CLOSE_FOLDER = N_("Faites : chmod 700 {folder}")

KEYS = N_("clé maîtresse")
KEYS_DO_NOT_OPEN = N_("elle n'ouvre pas ce qu'elle a scellé.")
RESTORE_KEYS = N_("Restaurez master.key depuis sa copie de secours.")

SETTINGS = N_("réglages")
SETTINGS_FINE = N_("election.toml et les variables RETROUVE_… sont lus.")

# ── The database ─────────────────────────────────────────────────────────────────────────────────────────

DATABASE = N_("base")
DATABASE_FINE = N_("elle répond, elle est à jour et elle s'écrit.")
DATABASE_MISSING = N_("le fichier {path} n'existe pas.")
RESTORE_DATABASE = N_("Restaurez-le, ou préparez un nouveau dossier avec « retrouve init ».")
DATABASE_UNREACHABLE = N_("elle ne répond pas ({detail}).")
START_DATABASE = N_("Vérifiez database_url, et que le serveur de la base fonctionne.")
DATABASE_OLD = N_("ses tables sont celles d'une autre version.")
UPGRADE_DATABASE = N_("Arrêtez le service, sauvegardez-la, puis faites : retrouve init --upgrade")
DATABASE_READ_ONLY = N_("elle ne peut pas être écrite ({detail}).")
FREE_DATABASE = N_("Vérifiez les droits de ce compte, la place sur le disque, et qu'aucun programme ne la retient.")

# ── The electoral roll ───────────────────────────────────────────────────────────────────────────────────

ROLL = N_("liste électorale")
ROLL_FINE = N_("le service de vote reconnaît chacun, par la clé que nous partageons.")
IMPORT_ROLL_AGAIN = N_("Importez-la de nouveau : retrouve roll import FICHIER.csv --apply")

# ── The journal ──────────────────────────────────────────────────────────────────────────────────────────

JOURNAL = N_("journal")
JOURNAL_FINE = N_("il est scellé au fil de l'eau ; le dernier point de contrôle est le n° {checkpoint}.")
JOURNAL_NEW = N_("rien n'attend son sceau, et aucun point de contrôle n'a encore été fait.")
JOURNAL_UNSEALED = N_("des lignes attendent leur sceau depuis le {oldest}.")
START_COURIER = N_("Démarrez « retrouve courier », ou voyez dans son journal technique ce qui l'arrête.")
JOURNAL_KEPT_HERE = N_("ses points de contrôle ne partent nulle part : qui tient cette machine peut tout refaire.")
GIVE_BOARD = N_("Donnez l'adresse du bureau de vote : email dans [board].")

# ── The limits per network ───────────────────────────────────────────────────────────────────────────────

NETWORKS = N_("limites par réseau")
NETWORKS_FINE = N_("Valkey {version} répond, et compte pour toutes les machines.")
NETWORKS_UNREACHABLE = N_("Valkey ne répond pas ({detail}) : les pages fonctionnent, sans ces limites.")
START_VALKEY = N_("Démarrez-le, ou vérifiez throttle_url et que le réseau laisse passer.")
NETWORKS_REFUSED = N_("Valkey refuse ce compte ({detail}) : les pages fonctionnent, sans ces limites.")
CHECK_VALKEY_ACCOUNT = N_("Vérifiez le compte et le mot de passe de throttle_url.")
NETWORKS_READ_ONLY = N_("Valkey {version} répond, mais c'est une copie qui ne s'écrit pas : rien n'est compté.")
NAME_PRIMARY = N_("Donnez dans throttle_url l'adresse du serveur principal.")

# ── The SMS gateways ─────────────────────────────────────────────────────────────────────────────────────

GATEWAYS = N_("passerelles SMS")
GATEWAY = N_("passerelle SMS {gateway}")
GATEWAY_FINE = N_("elle répond et prend ce compte.")
GATEWAY_UNREACHABLE = N_("elle ne répond pas ({detail}) : les SMS attendent, ou passent par la suivante.")
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
SET_CLOCK = N_("Mettez les machines à l'heure (NTP) : les liens et le vote se ferment à la seconde.")
CLOCK_SHIFTED = N_("le service vit le {now}, à cause de clock_offset_seconds.")
UNSHIFT_CLOCK = N_("Retirez ce réglage : il est fait pour la démonstration.")
ZONES_MISSING = N_("les données des fuseaux horaires manquent.")
INSTALL_ZONES = N_("Réinstallez le programme : le paquet tzdata en fait partie.")

CALENDAR = N_("calendrier")
PHASES: dict[Phase, Text] = {
    Phase.BEFORE: N_("le service ouvrira le {recovery_opens}."),
    Phase.OPEN: N_("le service est ouvert ; le vote commencera le {vote_opens}."),
    Phase.VOTING: N_("le vote est en cours, jusqu'au {vote_closes}."),
    Phase.LAST_MINUTES: N_("ce sont les dernières minutes du vote, jusqu'au {vote_closes}."),
    Phase.CLOSED: N_("le vote est clos depuis le {vote_closes}."),
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

# ── What counts ──────────────────────────────────────────────────────────────────────────────────────────


def keys_fine(count: int) -> Text:
    """So many keys."""
    return NN_("{count} clé, qui scelle et ouvre.", "{count} clés, qui scellent et ouvrent.", count=count)


def roll_of_another_key(count: int) -> Text:
    """So many voters whom the platform would not know."""
    return NN_(
        "{count} personne a été importée sous une autre clé du service de vote, qui ne la reconnaîtrait pas.",
        "{count} personnes ont été importées sous une autre clé du service de vote, qui ne les reconnaîtrait pas.",
        count=count,
    )


def clocks_apart(seconds: int) -> Text:
    """So many seconds between this machine's clock and the database's."""
    return NN_(
        "elle et celle de la base diffèrent de {count} seconde.",
        "elle et celle de la base diffèrent de {count} secondes.",
        count=seconds,
    )
