"""The words of the terminal's screens of known incidents and of the desk as a whole."""

from core.text.text import N_

# ── Known incidents ──────────────────────────────────────────────────────────────────────────────────────

KEY_INCIDENTS = N_("Incidents")
KEY_INCIDENTS_EXPLAINED = N_("Voir les incidents connus ; un responsable en annonce et en termine.")
KEY_ANNOUNCE = N_("Annoncer un incident")
KEY_ANNOUNCE_EXPLAINED = N_("Choisir une phrase de la liste et remplir ses blancs : tous la lisent aussitôt.")
INCIDENTS_TITLE = N_("Incidents connus")
INCIDENTS_EXPLAINED = N_(
    "Ce que lisent les agents et les électeurs, et ce que l'assistance propose d'annoncer. Pour un responsable, Entrée annonce ce qui est proposé, ou termine ce qui est annoncé."
)
INCIDENT_LIST_EXPLAINED = N_("Les incidents proposés, puis ceux qui sont annoncés, puis ceux qui viennent de finir.")
NO_INCIDENT = N_("Aucun incident connu ni proposé.")
PROPOSED = N_("À annoncer ? {title} ({where})")
VOTERS_READ = N_("Les électeurs lisent : {said}")
AGENTS_SAY = N_("À dire : {said}")
BY = N_("Annoncé par {name}.")
BY_OPERATOR = N_("Annoncé depuis la machine du service.")
CHOOSE_TITLE = N_("Quel incident annoncer ?")
CHOOSE_EXPLAINED = N_("Chaque phrase, et pour qui elle est. Les flèches choisissent, Entrée passe à ses blancs.")
CHOICE = N_("{title} · {where}")
BLANKS_TITLE = N_("Remplir les blancs")
BLANKS_EXPLAINED = N_("Ce que dira la phrase, et quand elle cessera d'elle-même. Vous pourrez y mettre fin avant.")
ANNOUNCED = N_("L'incident est annoncé : agents et électeurs le lisent.")
END_QUESTION = N_("Terminer cet incident ? {heading}")
END_INCIDENT = N_("Terminer l'incident")
ENDED = N_("L'incident est terminé : agents et électeurs lisent depuis quand.")
ENDED_ALREADY = N_("Cet incident est terminé : il disparaîtra de lui-même.")
SUPERVISORS_ONLY = N_("Un responsable annonce et termine les incidents.")
