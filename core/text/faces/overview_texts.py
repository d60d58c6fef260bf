from core.text.text import N_, Text

# ── The desk as a whole ──────────────────────────────────────────────────────────────────────────────────

KEY_OVERVIEW = N_("Vue d'ensemble")
KEY_OVERVIEW_EXPLAINED = N_("Qui est là, ce qui est demandé, ce qui attend et ce qui échoue : pour un responsable.")
KEY_WINDOW = N_("Autre période")
SHORT_WINDOW = N_("Période")
KEY_WINDOW_EXPLAINED = N_("Passer de la dernière heure au dernier jour, puis à toute l'élection.")
OVERVIEW_TITLE = N_("Vue d'ensemble · {window}")
OVERVIEW_EXPLAINED = N_(
    "Les chiffres de l'assistance entière, jamais ceux d'une personne. Les barres vont du plus ancien, à gauche, à maintenant ; à côté, les mêmes chiffres en clair."
)
HOUR = N_("dernière heure")
DAY = N_("dernier jour")
ELECTION = N_("toute l'élection")
ASKS = N_("Demandes")
CALLS = N_("Fiches ouvertes")
VERIFICATIONS = N_("Vérifications")
MAIL_DELAY = N_("Attente message")
SMS_DELAY = N_("Attente SMS")
SCALE = N_("Une barre pour {span}, depuis le {since}. La plus haute est le maximum, écrit à droite.")
A_MINUTE = N_("{rate} par minute · {total} en tout")
AN_HOUR = N_("{rate} par heure · {total} en tout")
MOST = N_("au plus {most}")
ON_DUTY = N_("En service ({count})")
NOBODY_ON_DUTY = N_("Personne en ce moment")
DOES = N_("{name} : {activity}, {at}")
DOES_AT_STEP = N_("{name} : {activity}, étape {step}, {at}")
FAILURES = N_("Échecs par cause")
BY_ACADEMIE = N_("Échecs par académie")
NO_FAILURE = N_("Aucun")
COUNT_LINE = N_("{count} · {sentence}")
COUNTED_FROM = N_("Le journal est lu depuis le {at} pour l'instant ; la suite arrive.")


def hours_or_minutes(minutes: int) -> Text:
    hours = minutes // 60
    return N_("{hours} h", hours=hours) if hours > 1 else N_("{minutes} min", minutes=minutes)


def oldest_wait(minutes: int, count: int) -> Text:
    return N_("{oldest} · {count} en attente", oldest=hours_or_minutes(minutes), count=count)


# ── Known incidents ──────────────────────────────────────────────────────────────────────────────────────

KEY_INCIDENTS = N_("Incidents")
KEY_INCIDENTS_EXPLAINED = N_("Voir les incidents connus ; un responsable les annonce et y met fin.")
KEY_ANNOUNCE = N_("Annoncer un incident")
SHORT_ANNOUNCE = N_("Annoncer")
KEY_ANNOUNCE_EXPLAINED = N_(
    "Choisir une phrase de la liste et remplir ses blancs : agents et électeurs concernés la lisent aussitôt."
)
INCIDENTS_TITLE = N_("Incidents connus et proposés")
INCIDENTS_EXPLAINED = N_(
    "Ce que lisent les agents et les électeurs, et ce que l'assistance propose d'annoncer. Pour un responsable, Entrée annonce ce qui est proposé, ou termine ce qui est annoncé."
)
INCIDENT_LIST_EXPLAINED = N_("Les incidents proposés, puis ceux qui sont annoncés, puis ceux qui viennent de finir.")
WORDS_OF_INCIDENT = N_("Ce qui se lit et se dit")
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
