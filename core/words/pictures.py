"""The alternative texts of the help's pictures: what is shown, and what is numbered."""

from core.text import N_

STEP_SHOWN = N_("Étape {step} : la page « {title} ».")
MESSAGE_SHOWN = N_("Étape {step} : le message « {title} », dans la messagerie.")
REFUSAL_SHOWN = N_("Étape {step} : la page « {title} » s'affiche à la place.")
ERROR_SHOWN = N_("Le message d'erreur est : « {sentence} »")
FIELD_MARKED = N_("Repère {number} : la case « {name} ».")
BUTTON_MARKED = N_("Repère {number} : le bouton « {name} ».")
LINK_MARKED = N_("Repère {number} : le lien « {name} ».")
WORDS_MARKED = N_("Repère {number} : « {name} ».")
