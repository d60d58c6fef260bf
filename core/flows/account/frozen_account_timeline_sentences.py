"""The timeline sentences of a frozen account."""

from core.text.faces.timeline_sentences import TimelineTexts, negative_line, positive_line
from core.text.text import N_

TIMELINE = TimelineTexts(
    events={
        "frozen": negative_line(N_("Le compte est bloqué.")),
        "change-recognised": positive_line(N_("La personne a répondu « C'était moi » : rien n'est bloqué.")),
        "unfrozen": positive_line(N_("{agent} rouvre le compte, sans mot de passe.")),
    },
    reasons={
        "frozen": {"not-me": negative_line(N_("La personne a répondu « Ce n'était pas moi » : le compte est bloqué."))},
    },
    by_desk={
        "frozen": negative_line(N_("{agent} bloque le compte à la demande de l'appelant.")),
    },
    changes=frozenset({"frozen", "unfrozen"}),
)
