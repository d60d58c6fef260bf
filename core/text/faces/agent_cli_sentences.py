from collections.abc import Mapping

from core.text.text import N_, Text

HELP = N_("Les comptes de l'assistance : qui peut ouvrir le terminal, et dans quel rôle.")
ADD_HELP = N_("Crée un compte : montre une fois le premier mot de passe et le code à scanner.")
RESET_HELP = N_(
    "Redonne un premier mot de passe et un code à scanner ; les anciens ne servent plus. Rappelle un compte retiré."
)
REMOVE_HELP = N_("Retire un compte : sa session se ferme aussitôt. Le journal garde son nom.")
LIST_HELP = N_("Montre les comptes, jamais leurs secrets.")
ROLE_HELP = N_(
    "agent : guide et agit ; supervisor : signe aussi pour rouvrir un compte bloqué ; auditor : lit seulement."
)

AGENT = N_("assistance")
SUPERVISOR = N_("responsable")
AUDITOR = N_("bureau de vote, en lecture")
ROLES: Mapping[str, Text] = {"agent": AGENT, "supervisor": SUPERVISOR, "auditor": AUDITOR}

ADDED = N_("Le compte « {name} » est créé : {role}.")
RENEWED = N_("Le compte « {name} » repart à neuf : {role}. L'ancien mot de passe et l'ancien code ne servent plus.")
SCAN = N_("1. Scannez ce code avec l'application d'authentification de la personne :")
OR_TYPE = N_("   Sans appareil photo, saisissez-y cette clé : {secret}")
FIRST_PASSWORD = N_("2. Donnez-lui ce premier mot de passe ; il ne sert qu'une fois : {password}")
THEN = N_("3. La personne ouvre le terminal et choisit son mot de passe : retrouve desk --dir {folder}")
NOT_AGAIN = N_("Rien de cela ne sera montré à nouveau. En cas de perte : retrouve agent reset {name} --dir {folder}")

TAKEN = N_(
    "Rien n'a été fait : le nom « {name} » est déjà pris. Pour lui redonner un accès : retrouve agent reset {name}"
)
UNKNOWN = N_("Rien n'a été fait : aucun compte ne s'appelle « {name} ». Pour les voir tous : retrouve agent list")
REMOVED = N_("Le compte « {name} » est retiré. Sa session, s'il en avait une, est fermée.")
NO_SUPERVISOR = N_(
    "Attention : il n'y a aucun responsable. Personne ne peut signer la réouverture d'un compte bloqué, ni annoncer un incident. Pour en nommer un : retrouve agent add NOM --role supervisor"
)
NOBODY = N_("Il n'y a encore aucun compte. Pour en créer un : retrouve agent add NOM --role agent")
LINE = N_("{name} : {role}, depuis le {added}")
LINE_OF_FIRST = N_("{name} : {role}, depuis le {added}, n'est pas encore venu")
LINE_OF_REMOVED = N_("{name} : {role}, retiré le {removed}")
