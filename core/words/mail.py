"""The words around every mail. What a mail says is in `core.flows`; a template knows these by the name on the left."""

from collections.abc import Mapping

from core import words
from core.text import N_, Text

FRAME: Mapping[str, Text] = {
    "copy_link": N_("Si le bouton ne fonctionne pas, copiez cette adresse en entier dans votre navigateur :"),
    "check_site": N_("L'adresse {site} est la seule du site de cette élection."),
    "reference": N_("Pour l'assistance, si vous l'appelez :"),
    "step": words.STEP,
    "case": words.CASE,
    "automatic": N_("Ce message est automatique : personne ne lit les réponses."),
}
