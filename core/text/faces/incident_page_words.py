"""The words of the page and of the feed of known incidents."""

from core.text.text import N_

TITLE = N_("Incidents connus")
NOTHING = N_("Aucun incident connu en ce moment.")
ABOUT = N_("Les incidents d'une académie sont montrés à ses électeurs, une fois connectés.")
FOLLOW = N_("Suivre ces incidents dans un lecteur de flux (RSS)")
FEED_TITLE = N_("Incidents connus – {election}")
FEED_ABOUT = N_("Ce qui ne fonctionne pas comme prévu, et depuis quand c'est rétabli.")
