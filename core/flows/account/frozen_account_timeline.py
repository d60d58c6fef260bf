"""The timeline sentences of a frozen account."""

from core.text.faces.timeline_sentences import TimelineTexts, bad, good
from core.text.text import N_

TIMELINE = TimelineTexts(
    events={
        "frozen": bad(N_("Le compte est bloqué.")),
        "change-recognised": good(N_("La personne a répondu « C'était moi » : rien n'est bloqué.")),
        "unfrozen": good(N_("{agent} rouvre le compte, sans mot de passe.")),
    },
    reasons={
        ("frozen", "not-me"): bad(N_("La personne a répondu « Ce n'était pas moi » : le compte est bloqué.")),
    },
    by_desk={
        "frozen": bad(N_("{agent} bloque le compte à la demande de l'appelant.")),
    },
    changes=frozenset({"frozen", "unfrozen"}),
)
