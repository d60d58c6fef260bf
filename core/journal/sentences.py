from core.forms.flow_model import MailOrSmsText
from core.text.text import N_, NN_, Language

# ── The mail to the board ────────────────────────────────────────────────────────────────────────────────

CHECKPOINT_MAIL = MailOrSmsText(
    code="",
    subject=N_("Journal de l'élection : point de contrôle n° {checkpoint}"),
    body=(
        N_("Le {made_at} (heure de Paris), le journal de « {election} » compte {lines} lignes scellées."),
        N_("Gardez ce message tel quel, hors des machines du vote. Il ne contient rien sur les électeurs."),
        N_("Il prouve que rien de ce qui est scellé à cet instant ne pourra être changé sans que cela se voie."),
    ),
    after=(
        N_(
            "Pour vérifier : enregistrez ce message, ou copiez dans un fichier les lignes de « retrouve-checkpoint 1 » à la fin de la signature, puis faites lancer sur une machine de ce service : retrouve journal verify --checkpoint FICHIER. Sans ce logiciel, dans le dossier d'un export du journal : python3 verifier.py FICHIER"
        ),
        N_("La ligne « key » est la clé publique remise au bureau. Si elle change, demandez pourquoi."),
        N_(
            "Un point de contrôle est fait après {checkpoint_lines} lignes ou {checkpoint_minutes} minutes au plus. Si aucun message ne vient alors que des électeurs utilisent le service, demandez pourquoi."
        ),
    ),
    repeated_in=Language.ENGLISH,
)

REPORT_SUBJECT = N_("Journal de l'élection : intervention ou alarme (point de contrôle n° {checkpoint})")
REPORTS_BEGIN = N_(
    "Depuis le point de contrôle précédent, l'exploitant est intervenu ou le service a donné l'alarme. Si l'une de ces lignes n'a pas été annoncée au bureau, demandez pourquoi :"
)

# ── Verifying ────────────────────────────────────────────────────────────────────────────────────────────

HELP = N_("Le journal de l'élection : le vérifier, l'exporter pour le bureau de vote, montrer sa clé publique.")
VERIFY_HELP = N_(
    "Cherche dans le journal toute ligne changée, enlevée, ajoutée ou déplacée, et dit où. Code 0 s'il est intact, 1 sinon."
)
CHECKPOINT_HELP = N_(
    "Un point de contrôle gardé hors de cette machine : le message reçu par le bureau de vote, copié ou enregistré dans un fichier. Peut être répété."
)
VERIFYING = N_("Vérification")

SOUND = N_("Le journal est intact.")
NOT_SOUND = N_("Le journal n'est pas intact.")
NOTHING_SEALED = N_("Aucune ligne n'est encore scellée.")
LAST_CHECKPOINT = N_("Dernier point de contrôle : le n° {checkpoint}, du {made_at}.")
NO_CHECKPOINT = N_("Aucun point de contrôle n'a encore été fait.")
CONFIRMED = N_("Le point de contrôle n° {checkpoint} venu du dehors, du {made_at}, est confirmé.")
ONLY_FROM_INSIDE = N_(
    "Tout vient ici de cette machine. Qui la tient peut tout refaire, sauf ce que le bureau a reçu : donnez-le avec --checkpoint."
)
NO_TAIL = N_("Aucune ligne n'attend son sceau.")
FILE_UNREADABLE = N_("Rien n'a été vérifié : {path} ne peut pas être lu ({detail}).")
FILE_WITHOUT_CHECKPOINT = N_(
    "Rien n'a été vérifié : {path} ne contient pas de point de contrôle entier, de « retrouve-checkpoint 1 » à la fin de la signature."
)

KEY_HELP = N_("Montre la clé publique qui vérifie les points de contrôle. Elle peut être donnée à tout le monde.")
KEY_EXPLAINED = N_(
    "Clé publique du journal, la même pour toute l'élection. Que le bureau de vote la note : chaque point de contrôle la porte."
)
PROGRAM_KEYS_EXPLAINED = N_(
    "Empreinte SHA-256 des clés publiques des programmes (cles-des-programmes.txt de l'export). Que le bureau de vote la note aussi : verifier.py la montre."
)
SEALED_LINES = NN_("{count} ligne scellée.", "{count} lignes scellées.")
LINES_UNSEALED = NN_(
    "{count} ligne attend encore son sceau, depuis le {at} : rien ne la protège jusque-là.",
    "{count} lignes attendent encore leur sceau, la plus ancienne depuis le {at} : rien ne les protège jusque-là.",
)
REPEATED = NN_(
    "La même alarme est revenue {count} fois, le {at}.",
    "La même alarme est revenue {count} fois, la dernière le {at}.",
)
MORE_REPORTS = NN_(
    "… et {count} autre alarme, que le journal exporté contient.",
    "… et {count} autres alarmes, que le journal exporté contient.",
)
MORE_FINDINGS = NN_("… et {count} autre constat.", "… et {count} autres constats.")
