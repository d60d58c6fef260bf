"""What is said of the journal: to the electoral board by mail, and to whoever verifies it."""

from core.steps import Message
from core.text import N_

# ── The mail to the board ────────────────────────────────────────────────────────────────────────────────

CHECKPOINT_MAIL = Message(
    code="",
    subject=N_("Journal de l'élection : point de contrôle n° {checkpoint}"),
    body=(
        N_("Le {made_at} (heure de Paris), le journal de « {election} » compte {lines} lignes scellées."),
        N_("Gardez ce message tel quel, hors des machines du vote. Il ne contient rien sur les électeurs."),
        N_("Il prouve que rien de ce qui est scellé à cet instant ne pourra être changé sans que cela se voie."),
    ),
    after=(
        N_("Pour vérifier : copiez ces lignes dans un fichier, puis « retrouve journal verify --checkpoint FICHIER »."),
        N_(
            "Un point de contrôle est fait après {checkpoint_lines} lignes ou {checkpoint_minutes} minutes au plus. Si aucun message ne vient alors que des électeurs utilisent le service, demandez pourquoi."
        ),
    ),
)
