"""Text for the help pages. Templates use the lower-case name of each constant."""

from core.text.text import N_, NN_

# ── What to do with each numbered element ────────────────────────────────────────────────────────────────

FILL_IN = N_("Remplissez le champ « {field} ».")
TICK = N_("Si c'est le cas, cochez « {field} ».")
CHOOSE_IN = N_("Choisissez dans la liste « {field} ».")
FILL_IN_IF_KNOWN = N_("Si vous le pouvez, remplissez le champ « {field} ».")
CHOOSE = N_("Choisissez « {act} ».")
OPEN_LINK = N_("Ouvrez le lien « {act} ».")
FIND_THE_MESSAGE = N_("Cherchez le message « {subject} ». Regardez aussi dans les courriers indésirables (spam).")
AWAIT_THE_SMS = N_("Attendez le SMS sur votre téléphone.")
NOTE_THE_CASE = N_("Notez votre numéro de dossier : l'assistance vous le demandera.")

# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────

HELP = N_("Aide")
HOME = N_("Accueil de l'aide")
HELP_OF = N_("Aide pour retrouver ses accès")
NEED_SOMEONE = N_("Parler à quelqu'un")
TO_THE_SITE = N_("Ouvrir le site")
BACK_TO_SITE = N_("Retour au site")
START = N_("Commencer")

# ── The front page ───────────────────────────────────────────────────────────────────────────────────────

WHAT_HAPPENS = N_("Que vous arrive-t-il ?")
WHICH_CODE = N_("Quel code voyez-vous ?")
WHERE_THE_CODE_IS = N_(
    "Chaque page du site porte un code, en haut : le code pour l'assistance. Choisissez le même ici."
)
WELCOME = N_("Cette aide montre chaque page du site, avec ce qu'il faut y faire.")
EXAMPLE_VOTER = N_("Les exemples montrent une personne fictive, {first_name} {last_name}.")
SOUGHT_ON_FRONT = N_(
    "date, dates, date limite, délai, délais, quand, ouverture, fermeture, calendrier, horaires, heures, numéro, téléphone, assistance, appeler, contact, adresse du site, url, aide, comment voter, où voter, site de vote, imprimer, affiche, parler à quelqu'un, ouvert, qui peut m'aider, humain, ça ne marche pas"
)
KEPT_DATES = N_("Les dates à retenir")
OPENS = N_("Le service ouvre le {opens_at} (heure de Paris).")
CLOSES = N_("Le vote commence le {vote_opens} et se termine le {closed_at} (heure de Paris).")

# ── A flow, step by step ─────────────────────────────────────────────────────────────────────────────────

MINUTES = N_("Combien de temps")
NEEDS = N_("À avoir sous la main")
TRIES = N_("Combien d'essais")
BEGIN = N_("Pour commencer")
SITE = N_("L'adresse du site")
DESK = N_("L'assistance")
STEPS = N_("Les étapes")
WHAT_IT_SAYS = N_("Ce que dit la page")
SHOW_PICTURE = N_("Voir l'image")
IF_IT_GOES_WRONG = N_("Si quelque chose ne va pas")
NOTICE_COMES = N_("Ce message arrive aussi dans votre messagerie : « {subject} ».")
ANSWER_COMES = N_("La réponse écrite de l'assistance arrive ainsi : « {subject} ».")
SMS_COMES = N_("Le SMS arrive ainsi sur votre téléphone.")
SITE_MAY_SAY = N_("Le site peut aussi vous dire :")

# ── The easy-to-read guides ──────────────────────────────────────────────────────────────────────────────

EASY_GUIDE = N_("Ce guide en version facile à lire (FALC)")
ORDINARY_GUIDE = N_("Voir le guide complet")
EASY_UNTESTED = N_("Cette version facile à lire n'a pas encore été testée par des lecteurs.")
EASY_GUIDES = N_("Facile à lire et à comprendre (FALC)")
EASY_SOUGHT = N_("FALC, facile à lire, facile à comprendre, simple, simplifié")

# ── Downloads ────────────────────────────────────────────────────────────────────────────────────────────

TAKE_AWAY = N_("À emporter")
TO_PRINT = N_("Ce guide à imprimer (PDF, {kilobytes} ko)")
TO_SHOW = N_("Un diaporama modifiable, une étape par image (PowerPoint, {kilobytes} ko)")
POSTER = N_("Une affiche pour la salle des personnels (PDF, {kilobytes} ko)")
POSTER_TITLE = N_("Mot de passe ou identifiant de vote perdu ?")
POSTER_OPEN = N_("Ouvrez le site :")
POSTER_SCAN = N_("Ou visez ce carré avec l'appareil photo de votre téléphone.")
POSTER_SHOWN = N_("Étape par étape :")
ON_A_COMPUTER = N_("La même page sur un ordinateur")
QR_CODE = N_("Code QR vers")
EDITION = N_("Version {version} du {day}")
PAGE = N_("page")
DESK_AT = N_("Assistance : {desk_phone}")
BEFORE_BEGINNING = N_("Avant de commencer")
OTHER_MESSAGES = N_("Une autre phrase s'affiche : cherchez-la à la fin de ce guide.")

# ── Messages and errors ──────────────────────────────────────────────────────────────────────────────────

MESSAGES = N_("Messages et erreurs")
MESSAGES_INTRO = N_(
    "Cherchez ici la phrase que vous lisez à l'écran. Vous verrez pourquoi elle s'affiche et que faire."
)
SOUGHT_IN_MESSAGES = N_("erreur 404, introuvable")
MESSAGES_AT = N_("Messages et erreurs à l'étape {step}")
MESSAGES_ANYWHERE = N_("Messages et erreurs sur toutes les pages")
ALL_MESSAGES = N_("Tous les messages")
BY_STEP = N_("Choisissez le code que vous voyez, puis la phrase.")
MET_ANYWHERE = N_("Sur toutes les pages")
CAUSE = N_("Pourquoi")
REMEDY = N_("Que faire")
CORRECT = N_("Corrigez le champ « {field} », puis choisissez « {act} ».")
FILL_IN_MISSING = N_("Remplissez le champ « {field} », puis choisissez « {act} ».")
SEEN_AT = N_("Où cela arrive")
MESSAGE_PICTURED = N_("La page de l'étape {step} avec ce message")

# ── Situations ───────────────────────────────────────────────────────────────────────────────────────────

SITUATIONS = N_("Autres situations")
SITUATIONS_INTRO = N_("La messagerie, le téléphone, la liste électorale : ce que vous pouvez faire, dans l'ordre.")
LAST_RESORTS = N_("Je n'ai ni messagerie ni mobile")
LAST_RESORTS_INTRO = N_("Ce que vous pouvez encore faire, et ce qui n'est plus possible le dernier soir.")
GOES_ON_AT = N_("La suite, sur le site :")

# ── Search ───────────────────────────────────────────────────────────────────────────────────────────────

SEARCH = N_("Chercher dans l'aide")
SEARCH_HINT = N_("Par exemple : mdp oublié, lien expiré, ou le code d'une étape.")
SEARCH_BUTTON = N_("Chercher")
SEARCH_RESULTS = N_("Recherche")
FOUND = N_("Réponses trouvées")
RESULTS_FOR = N_("Réponses à « {question} »")
SEARCH_NEEDS_SCRIPT = N_("La recherche a besoin de JavaScript, que votre navigateur n'exécute pas.")
NOTHING_FOUND = N_("Rien n'a été trouvé. Essayez un autre mot, ou appelez l'assistance :")
EMPTY_WORDS = N_(
    "à, ai, ainsi, alors, au, aux, avec, c, ça, car, ce, cela, ces, cette, comment, d, dans, de, des, dois, donc, du, elle, en, est, et, être, faire, fait, faut, il, ils, j, je, l, la, le, les, leur, m, ma, me, mes, mon, n, ne, nous, on, ou, où, par, pas, peux, plus, pour, pourquoi, puis, qu, que, quel, quelle, qui, quoi, s, sa, se, ses, si, son, suis, sur, t, te, toi, ton, tu, un, une, veux, vos, votre, vous, y, avez, cest, depuis, êtes, jai, jusqu, jusque, nai, peut, veut, marche, fonctionne"
)
SAME_WORDS = (
    N_("mot de passe, mdp, motdepasse, passe, password, pass, pwd"),
    N_("message, mail, mails, courriel, courriels, email, mel"),
    N_("boîte, messagerie, boite mail, webmail, boîte aux lettres"),
    N_("indésirables, spam, spams, pourriel, pourriels, junk"),
    N_("assistance, aide, hotline, téléphone, numéro, appeler, contact, joindre"),
    N_("perdu, oublié, égaré, perdus, perte, retrouver, oubli, souviens, rappelle"),
    N_("expiré, périmé, dépassé, trop tard"),
    N_("bloqué, gelé, verrouillé, bloquer, débloquer, suspendu"),
    N_("refusé, rejeté, refuse, faux, fausse, mauvais, trompé, incorrect"),
    N_("majuscule, capitale, maj, capitales"),
    N_("connexion, connecter, connecte, login, identifier, entrer"),
    N_("arrivé, reçu, reçois, arrive, recevoir, rien reçu"),
    N_("pirate, piraté, fraude, hacké, vol, volé, arnaque, quelqu'un d'autre"),
    N_("lien, url, bouton, cliquer"),
    N_("panne, bug, bogue, plante, service qui ne répond pas"),
    N_("s'affiche, indisponible"),
)
"""Groups of synonyms for the help search. Do not add "répond pas", because "pas" is ignored."""

# ── The demo, which takes pictures while it runs ─────────────────────────────────────────────────────────

PICTURES_UNDER_WAY = N_(
    "Les images de cette aide se font en ce moment : {taken} sur {wanted}. Rechargez la page pour voir les nouvelles."
)
PICTURES_AT_DESK = N_("images de l'aide : {taken} sur {wanted}")
PICTURES_INTERRUPTED = NN_(
    "Cette aide a {count} image sur {wanted} : la suite n'a pas pu être prise. Redémarrez pour reprendre ; {log} dit pourquoi.",
    "Cette aide a {count} images sur {wanted} : la suite n'a pas pu être prise. Redémarrez pour reprendre ; {log} dit pourquoi.",
)
FIRST_PICTURES_INTERRUPTED = N_(
    "Cette aide est sans images : elles n'ont pas pu être prises. Redémarrez pour reprendre ; {log} dit pourquoi."
)
CHROMIUM_FOR_PICTURES_MISSING = NN_(
    "Cette aide a {count} image sur {wanted} : pour les autres, il faut Chromium. Faites « apt-get install chromium-headless-shell », puis redémarrez.",
    "Cette aide a {count} images sur {wanted} : pour les autres, il faut Chromium. Faites « apt-get install chromium-headless-shell », puis redémarrez.",
)
CHROMIUM_FOR_ALL_PICTURES_MISSING = N_(
    "Cette aide est sans images : il faut Chromium. Faites « apt-get install chromium-headless-shell », puis redémarrez."
)
PARTS_FOR_PICTURES_MISSING = N_(
    "Cette aide est sans images : il faut ses bibliothèques. Faites « make install », puis redémarrez."
)

# ── Alternative texts of pictures ────────────────────────────────────────────────────────────────────────

STEP_SHOWN = N_("Étape {step} : la page « {title} ».")
MESSAGE_SHOWN = N_("Étape {step} : le message « {title} », dans la messagerie.")
SMS_SHOWN = N_("Étape {step} : le SMS sur le téléphone. Il dit : « {text} »")
REFUSAL_SHOWN = N_("Étape {step} : la page « {title} » s'affiche à la place.")
ERROR_SHOWN = N_("Le message d'erreur est : « {sentence} »")
FIELD_MARKED = N_("Repère {number} : le champ « {name} ».")
BUTTON_MARKED = N_("Repère {number} : le bouton « {name} ».")
LINK_MARKED = N_("Repère {number} : le lien « {name} ».")
WORDS_MARKED = N_("Repère {number} : « {name} ».")
