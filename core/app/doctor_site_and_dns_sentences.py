"""The sentences of `retrouve doctor` about the site as seen from outside, and the certificates of relays."""

from core.text.text import N_

# ── The site from outside ────────────────────────────────────────────────────────────────────────────────

OUTSIDE = N_("site vu de l'extérieur")
SITE_SEES = N_("{site} répond, et voit cette machine comme {network}.")
SITE_AWAY = N_("{site} ne répond pas d'ici ({detail}).")
CHECK_SITE = N_("Si le service est démarré, vérifiez le mandataire et son certificat.")
SITE_STRANGE = N_("{site} répond, mais ce n'est pas le service de cette élection, ou il est d'une autre version.")
PROXY_UNDECLARED = N_(
    "le mandataire n'est pas dans trusted_proxies : tous les électeurs comptent pour un seul réseau, qui sera limité."
)
DECLARE_PROXY = N_("Donnez son adresse dans trusted_proxies, dans [web].")
PROXY_SILENT = N_(
    "le mandataire ne transmet pas X-Forwarded-For : tous les électeurs comptent pour un seul réseau, qui sera limité."
)
LET_PROXY_TELL = N_("Faites-le transmettre, comme dans deploy/nginx.")

# ── Relays ───────────────────────────────────────────────────────────────────────────────────────────────

EXPIRES = N_("son certificat expire le {end}.")
RENEW = N_("Renouvelez-le : après cette date, plus aucun message ne part.")
