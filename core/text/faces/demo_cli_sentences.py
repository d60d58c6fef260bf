from core.text.text import N_

HELP = N_("Tout sur cette machine, avec des électeurs fictifs : le site, l'envoi des messages et leur boîte.")
DIRECTORY_HELP = N_("Le dossier de la démonstration ; elle reprend où elle en était.")
PORT_HELP = N_("Le port du site.")
HEADLESS_HELP = N_("Sans rien montrer que la ligne « ready ».")
NO_THROTTLE_HELP = N_("Lève la limite de demandes par réseau, pour un essai de charge ; aucune autre règle.")
VOTERS_HELP = N_("Combien d'électeurs fictifs, au premier démarrage.")
NO_PICTURES_HELP = N_("Ne prend pas les images de l'aide, pour une mesure.")
NOW_HELP = N_("L'heure où commencent toutes les horloges, par exemple 2018-12-01T09:00.")

PREPARING = N_("Préparation de {voters} électeurs fictifs dans {folder}…")
PORT_TAKEN = N_(
    'Le port {port} est déjà pris sur cette machine. Arrêtez ce qui l\'occupe, ou ajoutez --port {other} (make demo DEMO="--port {other}").'
)
NOT_A_MOMENT = N_("« {value} » n'est pas une date possible ici : écrivez par exemple 2018-12-01T09:00.")
NOT_A_DEMO = N_("{folder} contient déjà autre chose qu'une démonstration. Choisissez un autre dossier avec --dir.")
OTHER_VERSION = N_(
    "{folder} vient d'une autre version, que celle-ci ne lit pas. Choisissez un autre dossier avec --dir, ou effacez celui-ci."
)
RUNS_ALREADY = N_("Une démonstration tourne déjà dans {folder}. Arrêtez-la, ou choisissez un autre dossier avec --dir.")
PICTURES_STOPPED = N_(
    "Les images de l'aide n'ont pas pu être prises : {detail}. Elles se feront au prochain démarrage."
)
HELP_NOT_WRITTEN = N_("L'aide n'a pas pu être écrite ({detail}) : elle reste comme elle était.")
STOPPED_BY_ITSELF = N_("« retrouve {process} » s'est arrêté de lui-même. Son journal : {log}")
NOT_READY = N_("La démonstration n'est pas prête après {seconds} secondes. Les journaux : {logs}")
OVER = N_(
    "L'élection de cette démonstration est terminée depuis le {closed_at}. Pour en commencer une autre : effacez {folder}."
)

# Texts of the demo's election.toml. An election's name exists in French only.
ELECTION = N_("Élections professionnelles (démonstration)")
SENDER = N_("Élections professionnelles")
DESK_HOURS = N_("du lundi au vendredi, de 8 h à 19 h")

TRY_FIRST = (
    N_("Retrouve fonctionne : {site}"),
    N_("  1. Ouvrez {site} et saisissez {address}"),
    N_("  2. Choisissez « Mot de passe oublié », puis « Envoyer le message »."),
    N_("  3. Le message arrive dans la messagerie fictive : {site}/demo"),
    N_("  4. Ouvrez son lien, choisissez un mot de passe, connectez-vous."),
    N_("L'aide des électeurs : {site}/aide/"),
)
TO_STOP = N_("Pour arrêter : Ctrl+C. Les journaux sont dans {logs}.")

TRY_AT_DESK = (
    N_("Jouez la personne dans un navigateur : {site}"),
    N_("Ses messages, sa date de naissance et son NUMEN : {site}/demo"),
    N_("Jouez l'agent ici : tapez « {name} », puis Entrée."),
    N_("Mot de passe de cette session de démonstration : {password}"),
)
