"""The words of the agents' terminal around a step and around a file. What a step says is in `core.flows`."""

from core.text import N_

# ── Everywhere ───────────────────────────────────────────────────────────────────────────────────────────

HELP = N_("Ouvre le terminal de l'assistance.")
DESK = N_("Assistance")
TOO_SMALL = N_("Cette fenêtre est trop petite. Agrandissez-la : il faut {columns} colonnes et {lines} lignes.")
LOST = N_("La base de données ne répond pas. Rien n'est perdu : l'écran reprendra de lui-même.")
FOUND_AGAIN = N_("La base de données répond de nouveau.")
REMEDY_LINE = N_("{title}. {remedy}")
DARK = N_("sombres")
LIGHT = N_("claires")
CONTRAST = N_("contrastées")

# ── Keys: the word of the foot line, and what F1 and the palette say of it ───────────────────────────────

ESCAPE_KEY = N_("Échap")
ENTER_KEY = N_("Entrée")
CONTROL_KEY = N_("Ctrl+{letter}")

KEY_HELP = N_("Aide")
KEY_HELP_EXPLAINED = N_("Explique ce qui est sous le curseur, et les touches d'ici.")
KEY_FIND = N_("Chercher")
KEY_FIND_EXPLAINED = N_("Trouver une personne par son nom, son adresse ou son numéro de dossier.")
KEY_CODE = N_("Code")
KEY_CODE_EXPLAINED = N_("Voir une étape d'après son code. Taper le code suffit, sauf dans une case de saisie.")
KEY_COMMANDS = N_("Commandes")
KEY_COMMANDS_EXPLAINED = N_("Toutes les commandes possibles ici, à chercher par leur nom.")
KEY_LOCK = N_("Verrouiller")
KEY_LOCK_EXPLAINED = N_("Cacher l'écran pendant une absence. Il revient tel quel avec le mot de passe et le code.")
KEY_QUIT = N_("Quitter")
KEY_QUIT_EXPLAINED = N_("Fermer la session et le terminal.")
KEY_BACK = N_("Retour")
KEY_BACK_EXPLAINED = N_("Revenir à l'écran d'avant.")
KEY_CLOSE = N_("Fermer")
KEY_CLOSE_EXPLAINED = N_("Fermer cette fenêtre sans rien faire.")
KEY_LANGUAGE = N_("English")
KEY_LANGUAGE_EXPLAINED = N_("Passer le terminal en anglais.")
KEY_THEME = N_("Couleurs")
KEY_THEME_EXPLAINED = N_("Passer aux couleurs suivantes : sombres, claires, contrastées.")

# ── Typing ───────────────────────────────────────────────────────────────────────────────────────────────

TYPED_EXPLAINED = N_("Tapez la réponse, puis Entrée pour passer à la suite.")
BUTTON_EXPLAINED = N_("Entrée ou un clic fait ce que dit ce bouton.")

# ── Signing in ───────────────────────────────────────────────────────────────────────────────────────────

SIGN_IN_TITLE = N_("Ouvrir une session")
SIGN_IN_EXPLAINED = N_(
    "Saisissez votre nom d'agent, votre mot de passe et le code à six chiffres de votre application. Ils ont été donnés par « retrouve agent add »."
)
AGENT_NAME = N_("Nom d'agent")
AGENT_PASSWORD = N_("Mot de passe")
AGENT_CODE = N_("Code à six chiffres")
SIGN_IN = N_("Ouvrir la session")

# ── The lock ─────────────────────────────────────────────────────────────────────────────────────────────

LOCKED_TITLE = N_("Écran verrouillé")
LOCKED = N_("Session de {name}. L'écran revient tel quel avec le mot de passe et un nouveau code.")
UNLOCK = N_("Déverrouiller")
LEAVE = N_("Fermer la session")

# ── A step ───────────────────────────────────────────────────────────────────────────────────────────────

SAY = N_("À dire")
VOTER_SEES = N_("Ce que voit la personne")
VOTER_RECEIVES = N_("Le message qu'elle reçoit")
IF_TROUBLE = N_("Si ça coince")
STEPS = N_("Étapes")
SCRIPT_EXPLAINED = N_("Ce qu'il faut dire à la personne, puis ce qui coince d'ordinaire ici. Entrée ouvre une difficulté.")
VOTER_SEES_EXPLAINED = N_("La page telle que la personne la lit. Vous ne saisissez rien à sa place.")

# ── Looking a code up ────────────────────────────────────────────────────────────────────────────────────

LOOKUP_TITLE = N_("Quel code la personne voit-elle en haut de la page ?")
LOOKUP_EXPLAINED = N_(
    "Chaque page, message et guide porte un code, comme {example}. Tapez-le : l'étape s'affiche telle que la personne la voit, avec ce qui coince d'ordinaire et quoi dire."
)
LOOKUP_HINT = N_("Par exemple : {example}")
LOOKUP_UNKNOWN = N_("Aucune étape n'a ce code. Faites relire le code en haut de la page, près du titre.")
LOOKUP_ALL = N_("Tous les codes")

# ── Help ─────────────────────────────────────────────────────────────────────────────────────────────────

HELP_TITLE = N_("Aide")
HELP_KEYS = N_("Les touches d'ici")
HELP_MOVING = N_("Tab et Maj+Tab passent d'un élément à l'autre, les flèches parcourent une liste, Entrée choisit.")

# ── Commands ─────────────────────────────────────────────────────────────────────────────────────────────

PALETTE_PLACEHOLDER = N_("Chercher une commande…")
PALETTE_NOTHING = N_("Aucune commande de ce nom")
PALETTE_THEME = N_("Couleurs : {name}")
PALETTE_LANGUAGE = N_("Langue : {name}")
