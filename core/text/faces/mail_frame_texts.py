from collections.abc import Mapping

from core.text.faces import page_frame_texts as words
from core.text.text import N_, Text

DESK_BY_TELEPHONE = N_("Assistance : {desk_phone} ({desk_hours}).")
FRAME: Mapping[str, Text] = {
    "copy_link": N_("Si le bouton ne fonctionne pas, copiez cette adresse en entier dans votre navigateur :"),
    "if_not_you": N_("Si ce n'était pas vous, bloquez tout de suite votre compte :"),
    "check_site": N_("Ce service n'a qu'une adresse : {site}"),
    "reference": N_("Si vous appelez l'assistance, donnez :"),
    "without_voice": N_("Pour joindre l'assistance sans téléphoner :"),
    "step": words.STEP_CODE,
    "case": words.CASE_FOR_DESK,
    "privacy": N_("Vos données et vos droits : {privacy_page}"),
    "automatic": N_("Ce message est automatique : personne ne lit les réponses."),
}
