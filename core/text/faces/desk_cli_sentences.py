from core.text.text import N_

TERMINAL_HELP = N_(
    "Ouvre le terminal de l'assistance. Il ne lit ni clé ni base : le service « retrouve deskd » les a. S'il n'y en a pas et "
    "que le dossier est celui d'une élection, il en démarre un pour sa propre durée."
)
SOCKET_HELP = N_(
    "Le socket du service ; sans cette option, desk.sock dans le dossier, ou celui d'une élection dans /run/retrouve."
)
LINEAR_HELP = N_(
    "Une seule colonne, dans l'ordre de lecture et sans cadre, et chaque changement écrit en bas : pour un lecteur d'écran "
    "ou une plage braille."
)
SHEETS_TO_CLIPBOARD_HELP = N_(
    "La feuille d'un dossier va au presse-papiers de l'agent (OSC 52), et dans aucun fichier de cette machine : pour qui vient "
    "par ssh et ne peut rien y lire."
)
DAEMON_HELP = N_(
    "Le service de l'assistance : seul à avoir ses clés et la base, il répond aux terminaux, jusqu'à SIGTERM. SIGHUP relit "
    "les réglages et les clés."
)
DAEMON_SOCKET_HELP = N_("Le socket où il répond ; sans cette option, desk.sock dans le dossier.")
GROUP_HELP = N_("Le groupe des comptes de la machine qui peuvent ouvrir un terminal, outre celui du service.")

GROUP_UNKNOWN = N_("Cette machine n'a pas de groupe « {group} ».")
SOCKET_UNUSABLE = N_("Le service de l'assistance ne peut pas répondre à {socket} ({detail}).")
TAKEN = N_("un autre service y répond déjà")
STILL_STARTING = N_("Le service de l'assistance démarre encore. Ctrl+C pour ne plus l'attendre.")
AWAY = N_("Le service de l'assistance ne répond pas à {socket} ({detail}). Prévenez l'exploitant.")
SEVERAL = N_("Plusieurs élections ont un service ici : choisissez par --socket l'un de {sockets}.")
TERMINAL_FAILED = N_(
    "Le terminal s'est fermé sur une erreur. Rien n'a été fait de ce qui n'était pas encore envoyé ; avant de refaire le dernier "
    "acte, regardez l'historique. Rouvrez le terminal, et donnez la ligne ci-dessous à l'exploitant."
)
