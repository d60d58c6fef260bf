from core.text.text import N_

ENDING_TITLE = N_("Fin de l'appel")
QUESTION_OF = N_("Fin de l'appel : question {number} sur {count}")
ASKS_MORE = N_("{label}…")
ENDING_EXPLAINED = N_(
    "L'issue et la durée de l'appel sont gardées avec la fiche, et effacées avec elle. Aucun texte n'est saisi : un secret n'a pas sa place ici. Échap ne note rien et revient à l'appel."
)
CHOICE_EXPLAINED = N_(
    "Le chiffre d'une ligne la valide aussitôt ; sinon les flèches, puis Entrée. Dans une longue liste, une lettre va à la ligne qu'elle commence. Échap ne choisit rien."
)
CHOICE_HINT = N_("Un chiffre valide aussitôt ; sinon ↑ ↓, puis Entrée. Échap annule tout.")

WHICH_OUTCOME = N_("Comment cet appel se termine-t-il ?")
WHICH_OUTCOME_NOTHING_SENT = N_("Comment cet appel se termine-t-il ? Vous n'y avez rien envoyé.")
WHICH_OUTCOME_INSTEAD = N_("L'appel qui vient de finir est noté « {outcome} ». Quelle en était l'issue ?")
WHEN_TO_CALL = N_(
    "Quand rappeler ? Le numéro n'est pas noté ici : gardez-le, ou donnez-le au collègue qui rappellera. Sinon, il faudra prendre celui de l'annuaire."
)
ABOUT_WHAT = N_("Rappeler à quel sujet ?")
WHO_CALLS = N_("Qui rappelle ?")
ANYONE = N_("N'importe quel agent, au numéro de l'annuaire")
MYSELF = N_("Moi")
TO_WHOM = N_(
    "À qui confier la fiche ? Ce collègue verra votre nom, le motif et l'historique. Il vérifiera l'appelant de nouveau."
)
WHY_HANDED_OVER = N_("Pourquoi confier cette fiche ?")
COLLEAGUE = N_("{name}, agent")
SUPERVISOR = N_("{name}, responsable")
WITH_FILE_OPEN = N_("{colleague} · une fiche ouverte en ce moment")
NO_COLLEAGUE = N_("Aucun collègue ne peut prendre la fiche pour ce motif : l'appel n'est pas fini.")
NO_TIME = N_("L'assistance n'ouvre plus avant longtemps : aucun rappel ne peut être promis.")
TAKE_CALL_BACK = N_("Prendre la demande")
TAKE_HAND_OVER = N_("Prendre la fiche confiée")
GIVE_BACK = N_("Rendre le rappel sans l'avoir fait")
GIVE_BACK_WRITTEN_REQUEST = N_("Rendre la demande sans y répondre")

CALL_NOTED = N_("Appel noté ({length}) : {outcome}. {end_call_key} corrige l'issue.")
CALL_GOES_ON = N_("L'appel continue : {end_call_key} le termine.")
CALL_BACK_GIVEN_BACK = N_("C'est rendu à la liste : un autre agent peut s'en charger.")
WRITTEN_REQUEST_CLOSED = N_("La demande écrite est close, sans réponse.")
CALL_BACK_WITHOUT_FILE = N_(
    "La demande est prise, mais ce dossier n'existe pas : cherchez la personne, ou terminez par {end_call_key}."
)

CLOSING_TITLE = N_("Fin de la demande écrite")
CLOSING_EXPLAINED = N_("L'issue de la demande est gardée avec la fiche, et effacée avec elle. Échap ne note rien.")
WHY_NOT_WRITTEN = N_(
    "Aucune réponse écrite n'est partie. Répondez maintenant, ou dites comment cette demande se termine sans elle."
)
KEY_ANSWER = N_("Répondre par écrit")
KEY_ANSWER_EXPLAINED = N_("Choisir la réponse d'une liste, la relire, et l'envoyer à l'adresse de la liste électorale.")
SHORT_ANSWER = N_("Répondre")
ANSWER_TITLE = N_("Répondre par écrit")
WHICH_ANSWER = N_("Sujet de la demande : {subject}. Quelle réponse convient ?")
ANSWERS_EXPLAINED = N_(
    "Les réponses au sujet de la demande viennent d'abord. Vous verrez le message entier avant de l'envoyer. Aucun texte n'est saisi : un secret n'a pas sa place ici."
)
ANSWERS_HINT = N_("Un chiffre choisit, les flèches montrent la suite. Échap : rien ne part.")
ANSWER_NOT_POSSIBLE = N_("{title} (impossible : {reason})")
ANSWER_SEEN = N_("Voici le message, tel qu'il partira vers {address} :")
ANSWER_SEEN_EXPLAINED = N_(
    "Le message est dans la langue de la page où la réponse a été demandée. Deux fois Tab, puis Entrée, l'envoient."
)
SEND_ANSWER = N_("Envoyer cette réponse")
ANSWER_SENT = N_("La réponse part vers l'adresse de la liste électorale ; la demande est faite.")
