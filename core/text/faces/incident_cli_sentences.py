"""The sentences of `retrouve incident`."""

from core.text.text import N_

HELP = N_("Les incidents connus : annoncés aux agents, sur les pages des électeurs et dans /statut.")
ADD_HELP = N_("Annonce un incident par l'une des phrases de « retrouve incident sentences ».")
ACADEMIE_HELP = N_("Seulement pour les électeurs de cette académie.")
DOMAIN_HELP = N_("Seulement pour les adresses de ce domaine, comme ac-lyon.fr.")
UNTIL_HELP = N_("La fin prévue : 17:30, « 6/12 9:00 » ou « 90 min ».")
MINUTES_HELP = N_("Le nombre de minutes que dit la phrase, où elle en a un.")
END_HELP = N_("Termine un incident tout de suite.")
LIST_HELP = N_("Montre les incidents en cours, et ceux qui viennent de finir.")
SENTENCES_HELP = N_("Montre les phrases que l'on peut annoncer, et pour qui.")

ANNOUNCED = N_("L'incident n° {number} est annoncé. Pour le terminer : retrouve incident end {number}")
ENDED = N_("L'incident n° {number} est terminé.")
NONE_KNOWN = N_("Aucun incident connu.")
LINE = N_("n° {number} · {heading}. {said}")
NOT_FOR = N_("Cette phrase ne va pas avec cette portée. Les phrases et leurs portées : retrouve incident sentences")
UNKNOWN_SENTENCE = N_("Aucune phrase ne s'appelle « {name} ». Toutes : retrouve incident sentences")
SENTENCE_LINE = N_("{name} · {title} ({where})")
WRONG = N_("{label} : {reason}")
REFUSED = N_("{title}. {remedy}")
