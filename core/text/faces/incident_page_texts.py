from collections.abc import Mapping

from core.text.text import N_, Text

TITLE = N_("Incidents connus")
NOTHING = N_("Aucun incident connu en ce moment.")
ABOUT = N_("Les incidents d'une académie sont montrés à ses électeurs, une fois connectés.")
FOLLOW = N_("Suivre ces incidents dans un lecteur de flux (RSS)")
FEED_TITLE = N_("Incidents connus – {election}")
FEED_ABOUT = N_("Ce qui ne fonctionne pas comme prévu, et depuis quand c'est rétabli.")
WHERE: Mapping[str, Text] = {
    "everybody": N_("tout le monde"),
    "academie": N_("académie : {subject}"),
    "mail-domain": N_("adresses en @{subject}"),
    "sms": N_("envois par SMS"),
}
