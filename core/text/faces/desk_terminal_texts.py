"""Text for the agents' terminal, except the text of steps."""

from collections.abc import Mapping
from datetime import datetime

from core.text.text import N_, NN_, Language, ShortMoment, Text

# ── Everywhere ───────────────────────────────────────────────────────────────────────────────────────────

DESK_OF = N_("Assistance · {election}")
TOO_SMALL = N_("Cette fenêtre est trop petite. Agrandissez-la : il faut {columns} colonnes et {lines} lignes.")
LOST = N_(
    "Le service de l'assistance ne répond pas. Dès qu'il répond, l'écran reprend de lui-même, ou redemande d'ouvrir la session."
)
REMEDY_LINE = N_("{title}. {remedy}")
DARK = N_("sombres")
LIGHT = N_("claires")
CONTRAST = N_("contrastées")

WHO_AND_WHEN = N_("{name} · {clock}")

# ── Keys: labels in the footer, and explanations in F1 and the palette ───────────────────────────────────

ESCAPE_KEY = N_("Échap")
ENTER_KEY = N_("Entrée")
CONTROL_KEY = N_("Ctrl+{letter}")
ARROWS_KEY = Text("← →")
UP_AND_DOWN_KEY = Text("↑ ↓")

KEY_HELP = N_("Aide")
KEY_HELP_EXPLAINED = N_("Explique ce qui est sous le curseur, et les touches d'ici.")
QUESTION_KEY = Text("?")
KEY_CHEAT_SHEET = N_("Touches")
KEY_CHEAT_SHEET_EXPLAINED = N_("Toutes les touches d'ici sur une page. Dans une case, « ? » reste un caractère.")
CHEAT_SHEET_TITLE = N_("Touches")
KEYS_EVERYWHERE = N_("Les touches de partout")
KEY_FIND = N_("Chercher")
KEY_FIND_EXPLAINED = N_(
    "Trouver une personne, un dossier, une étape par son code, un message affiché par ses mots. « / » et F3 aussi."
)
KEY_CHOOSE = N_("Choisir")
KEY_OPEN = N_("Ouvrir")
KEY_GO_ON = N_("Continuer")
KEY_COMMANDS = N_("Commandes")
KEY_COMMANDS_EXPLAINED = N_("Toutes les commandes possibles ici, à chercher par leur nom.")
KEY_LOCK = N_("Verrouiller")
KEY_LOCK_EXPLAINED = N_("Cacher l'écran pendant une absence. Il revient tel quel, avec le mot de passe ou un code.")
KEY_QUIT = N_("Quitter")
KEY_QUIT_EXPLAINED = N_("Fermer la session et le terminal. Pendant un appel, l'issue est d'abord notée.")
KEY_BACK = N_("Retour")
KEY_BACK_EXPLAINED = N_("Revenir à l'écran d'avant.")
KEY_CLOSE = N_("Fermer")
KEY_CLOSE_EXPLAINED = N_("Fermer cette fenêtre sans rien faire.")
KEY_LANGUAGE = N_("English")
KEY_LANGUAGE_EXPLAINED = N_("Passer le terminal en anglais.")
KEY_REDRAW = N_("Redessiner")
KEY_REDRAW_EXPLAINED = N_("Dessiner l'écran de nouveau, si autre chose a écrit dessus.")
KEY_COPY = N_("Copier la sélection")
KEY_COPY_EXPLAINED = N_("Mettre le texte sélectionné à la souris dans le presse-papiers. Ctrl+Q ferme la session.")
KEY_END_CALL = N_("Fin d'appel")
KEY_END_CALL_EXPLAINED = N_(
    "Noter l'issue de l'appel, même sans fiche ouverte, et revenir à l'accueil ; la vérification de l'appelant prend fin."
)
SHORT_GUIDE = N_("Guider")
SHORT_FOLLOW = N_("Suivre")
SHORT_END_CALL = N_("Fin")
KEY_THEME = N_("Couleurs")
KEY_THEME_EXPLAINED = N_("Passer aux couleurs suivantes : sombres, claires, contrastées.")

KEY_GUIDE = N_("Guider la personne")
KEY_GUIDE_EXPLAINED = N_("Suivre le parcours étape par étape : quoi dire, et ce que la personne a sous les yeux.")
KEY_VERIFY = N_("Vérifier l'appelant")
KEY_VERIFY_EXPLAINED = N_(
    "Saisir la date de naissance et le NUMEN que la personne donne. Il le faut avant d'envoyer un message ou de bloquer le compte."
)
KEY_MAIL = N_("Envoyer le message")
KEY_MAIL_EXPLAINED = N_("Faire partir le message et son lien vers l'adresse de la liste électorale, ou le renvoyer.")
KEY_FOLLOW = N_("Suivre la personne")
KEY_FOLLOW_EXPLAINED = N_("Revenir à l'étape où se trouve la personne, et la suivre de nouveau.")
KEY_COPY_SCRIPT = N_("Copier quoi dire")
KEY_COPY_SCRIPT_EXPLAINED = N_("Mettre ce qu'il faut dire dans le presse-papiers.")
KEY_COPY_CASE = N_("Copier le dossier")
KEY_COPY_CASE_EXPLAINED = N_("Mettre le numéro de dossier dans le presse-papiers.")
KEY_COPY_SUMMARY = N_("Copier un résumé")
KEY_COPY_SUMMARY_EXPLAINED = N_("Mettre un résumé du dossier dans le presse-papiers, sans nom ni adresse.")
COPIED = N_("Envoyé au presse-papiers.")
NO_CASE_TO_COPY = N_("Il n'y a pas encore de dossier.")
KEY_NEXT_FLOW = N_("Autre parcours")
NEXT_FLOW_IS = N_("→ {title}")
KEY_NEXT_FLOW_EXPLAINED = N_("Passer à un autre parcours : mot de passe, identifiant, espace de l'électeur.")
KEY_FREEZE = N_("Bloquer ou rouvrir")
KEY_FREEZE_EXPLAINED = N_("Bloquer le compte, ou le rouvrir avec la signature d'un responsable.")

# ── Typing ───────────────────────────────────────────────────────────────────────────────────────────────

TYPED_EXPLAINED = N_("Tapez la réponse, puis Entrée pour passer à la suite.")
BUTTON_EXPLAINED = N_("Entrée ou un clic fait ce que dit ce bouton.")

# ── Signing in ───────────────────────────────────────────────────────────────────────────────────────────

SIGN_IN_TITLE = N_("Ouvrir une session")
SIGN_IN_EXPLAINED = N_(
    "Saisissez votre nom d'agent, votre mot de passe et le code à six chiffres de votre application. Ils ont été donnés par « retrouve agent add »."
)
OWN_PASSWORD_TITLE = N_("Choisissez votre mot de passe d'agent")

# ── The lock ─────────────────────────────────────────────────────────────────────────────────────────────

LOCKED_TITLE = N_("Écran verrouillé")
LOCKED = N_("Session de {name}. L'écran revient tel quel, avec l'appel en cours.")
LOCKED_EXPLAINED = N_(
    "Personne n'a touché ce terminal depuis un moment, ou il a été verrouillé. Rien n'est perdu derrière."
)

# ── Finding ──────────────────────────────────────────────────────────────────────────────────────────────

FIND_TITLE = N_("Chercher une personne, un dossier, une étape, un message affiché")
FIND_BY = N_("Nom, adresse, dossier, code d'étape ou mots d'un message affiché")
FIND_EXPLAINED = N_(
    "Tapez un nom dans n'importe quel ordre, même mal écrit, avec un bout de l'académie ou les deux derniers chiffres du téléphone ; une adresse ; un numéro de dossier ; un code d'étape ; les mots d'un message affiché. Les flèches choisissent, Entrée ouvre."
)
IS_STEP = N_("étape")
IS_MESSAGE = N_("message affiché")
IS_TROUBLE = N_("difficulté")
RECENT = N_("Fiches récentes")
RECENT_EXPLAINED = N_("Les dernières fiches ouvertes à ce terminal. Entrée en rouvre une.")
LOCKS_SOON = N_("Sans une touche, l'écran se verrouille à {at}.")
NOT_DONE = N_("« {act} » n'a pas été fait : le service ne répond pas. Recommencez quand il est revenu.")
NOT_KNOWN = N_("Nul ne sait encore si « {act} » a été fait : regardez l'historique avant de recommencer.")
SESSION_OVER = N_("Votre session est terminée : ouvrez-en une autre pour continuer.")
QUIT_BY = N_("Rien n'est sélectionné. Ctrl+Q ferme la session.")
ALIKE = N_("{count} fois : {sentence}")
CASE_LINE = Text("{case} · {step} · {at}")

# ── A file ───────────────────────────────────────────────────────────────────────────────────────────────

FILE_EXPLAINED = N_(
    "La fiche d'une personne : ce qui est en place, ce qui s'est passé, et ce que vous pouvez faire. Elle se met à jour d'elle-même."
)
CASE_EXPLAINED = N_("Adresse inconnue : vous pouvez lire et guider, pas agir.")
SEARCH_BY_NAME = N_("Cherchez d'abord la personne par son nom : {find_key}.")
TIMELINE = N_("Ce qui s'est passé")
READING = N_("Lecture en cours…")
OPENING = N_("Ouverture…")
TIMELINE_EXPLAINED = N_("L'historique exact, du plus ancien au plus récent, avec le code de l'étape à droite.")
YOUR_ACTIONS = N_("Ce que vous pouvez faire")
OLDER_CASES = N_("Dossiers plus anciens")
PHONE_ENDING = N_("Téléphone sur la liste : …{ending}")
FROZEN_SINCE = N_("Compte bloqué le {at}")
REMOVED_SINCE = N_("Retirée de la liste électorale le {at}")
CASE_NUMBERED = N_("dossier n° {case}")
CASE_AT_STEP = N_("Dossier {case}, étape {step}")
VERIFIED = N_("Appelant vérifié : {name}.")
GUIDE_FOR = N_("même sans vérification")
MAIL_FOR = N_("pour un nouveau mot de passe")
FREEZE_FOR = N_("si quelqu'un d'autre y entre")
UNFREEZE_FOR = N_("avec la signature d'un responsable")
VERIFY_WHY = N_("à faire avant {mail_key} et {freeze_key}")
MAIL_ASKED = N_("C'est demandé. Le message part vers l'adresse de la liste électorale.")
FROZEN_NOW = N_("Le compte est bloqué. La personne reçoit un message.")
REOPENED_NOW = N_("Le compte est rouvert, sans mot de passe. La personne reçoit un message.")

# ── Verifying, signing, confirming ───────────────────────────────────────────────────────────────────────

CALLER_TITLE = N_("Vérifier l'appelant")
CALLER_EXPLAINED = N_(
    "Tapez ce que la personne répond, sans rien lui souffler. L'écran dit de continuer ou d'arrêter, jamais ce qui est faux. Sans NUMEN : {back_key}, puis {end_call_key} et « Identité non vérifiée »."
)
CALLER_SAYS = N_("La personne dit être {name}.")
SIGNATURE_TITLE = N_("Signature d'un responsable")
SIGNATURE_EXPLAINED = N_("Un responsable autre que vous signe ici, avec son nom, son mot de passe et son code.")
SIGNATURE_FOR = N_("Pour rouvrir ce compte sans mot de passe : {name} en choisira un nouveau.")
CONFIRM_TITLE = N_("Êtes-vous sûr ?")
CANCEL = N_("Annuler")
CONFIRM_EXPLAINED = N_("Cet acte ne se défait pas d'une touche. Échap revient en arrière sans rien faire.")
FREEZE_QUESTION = N_(
    "{name} : bloquer ce compte ? Ses liens et ses sessions s'arrêtent. Un responsable devra signer pour le rouvrir."
)

# ── A guide ──────────────────────────────────────────────────────────────────────────────────────────────

GUIDE_EXPLAINED = N_(
    "À gauche les étapes ; à côté quoi dire, quoi faire si ça coince (un chiffre l'ouvre) et ce que voit la personne. L'écran suit sa progression."
)
STEPS_EXPLAINED = N_(
    "Les étapes du parcours. Les flèches haut et bas en montrent une autre ; la touche S revient à celle de la personne. Avant tout dossier, Entrée dit que la personne en est là."
)
WHOSE_GUIDE = N_("{name} · {title}")
LOOKING_ELSEWHERE = N_("La personne en est à l'étape {step}.")
NOT_BEGUN = N_("Pas encore commencé : revenir à l'étape {step}.")
READS_IN: Mapping[Language, Text] = {
    Language.FRENCH: N_("Lit ses messages en français"),
    Language.ENGLISH: N_("Lit ses messages en anglais"),
}
SAYS_SHE_IS_AT = N_("La personne dit être à l'étape {step} : le guide rejoindra son dossier dès qu'il commence.")

# ── Home ─────────────────────────────────────────────────────────────────────────────────────────────────

HOME_EXPLAINED = N_("Ce qui demande votre attention, et les chiffres du jour. Entrée ouvre la fiche ou le dossier.")
ATTENTION = N_("À regarder maintenant")
ATTENTION_EXPLAINED = N_(
    "Rappels, réponses écrites et fiches confiées, que prend Entrée ; messages revenus ou arrêtés, comptes bloqués, attentes trop longues, dont Entrée ouvre la fiche."
)
NO_ATTENTION = N_("Rien ne demande votre attention.")
TODAY = N_("Aujourd'hui")
TO_TRY = N_("À essayer")

# ── A step ───────────────────────────────────────────────────────────────────────────────────────────────

SAY = N_("À dire et à faire")
NOT_TO_SAY = N_("Envoi : à taire avant {verify_key}")
STEP_NAMED = N_("Étape {step} : {title}")
AWAITED = N_("Ce qu'elle attend · {step}")
ARRIVES = N_("Ce qu'elle reçoit aussi · {step}")
IF_TROUBLE = N_("Si ça coince")
STEPS = N_("Étapes ({keys})")
SCRIPT_EXPLAINED = N_(
    "Ce qu'il faut dire à la personne, puis ce qui coince d'ordinaire ici. Entrée ouvre une difficulté."
)
VOTER_SEES_EXPLAINED = N_(
    "La page telle que la personne la lit. Vous ne saisissez rien à sa place. ↓ en montre la suite."
)

# ── A step or a message ──────────────────────────────────────────────────────────────────────────────────

LOOKUP_TITLE = N_("Ce que la personne a sous les yeux")
LOOKUP_EXPLAINED = N_(
    "À gauche quoi dire et ce qui coince d'ordinaire (un chiffre l'ouvre), à droite ce que voit la personne."
)
KEYS_IN_FILE = N_("Les touches citées n'agissent que dans la fiche de la personne.")
VOTER_READS = N_("Sur l'écran de la personne")
VOTER_READS_IN_MAILBOX = N_("Dans sa messagerie seulement")
MORE_BELOW = N_("{title} ↓ (Maj+Tab)")
EXPLANATION = N_("Message affiché")
MESSAGE_EXPLAINED = N_("Pourquoi ce message s'affiche, et à quelles étapes. Entrée sur une étape la montre.")

# ── Help ─────────────────────────────────────────────────────────────────────────────────────────────────

HELP_TITLE = N_("Aide")
HELP_KEYS = N_("Les touches d'ici")
HELP_MOVING = N_(
    "Tab et Maj+Tab passent d'un élément à l'autre, ↑ ↓ ou J et K parcourent une liste, Entrée choisit. 1 à 9 ouvrent une difficulté ou choisissent une ligne. Une touche d'une seule lettre agit quand le curseur n'est pas dans une case de saisie."
)

# ── Commands ─────────────────────────────────────────────────────────────────────────────────────────────

PALETTE_PLACEHOLDER = N_("Chercher une commande…")
PALETTE_NOTHING = N_("Aucune commande de ce nom")
PALETTE_THEME = N_("Couleurs : {name}")
PALETTE_LANGUAGE = N_("Langue : {name}")


def password_set_sentence(at: datetime | None, reopened: datetime | None) -> Text:
    if at is not None:
        return N_("choisi le {at}", at=ShortMoment(at))
    if reopened is not None:
        return N_("effacé à la réouverture du compte, le {at}", at=ShortMoment(reopened))
    return N_("jamais choisi")


def valid_links_sentence(count: int) -> Text:
    return NN_("{count} lien fonctionne", "{count} liens fonctionnent", count=count)
