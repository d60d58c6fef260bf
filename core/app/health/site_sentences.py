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
SLOW_VISITORS = N_("visiteurs lents")
PROXY_WAITS = N_(
    "c'est au mandataire de les attendre : il doit lire chaque requête en entier avant de la transmettre, comme dans deploy/nginx."
)
SITE_WAITS = N_(
    "aucun mandataire n'est dans trusted_proxies : le site attend lui-même la fin de chaque requête, et une centaine de requêtes lentes suffit à l'occuper."
)
ADD_PROXY = N_(
    "Placez devant le site un mandataire qui lit chaque requête en entier, comme dans deploy/nginx, et donnez son adresse dans trusted_proxies, dans [web]."
)

# ── Relays ───────────────────────────────────────────────────────────────────────────────────────────────

EXPIRES = N_("son certificat expire le {end}.")
RENEW = N_("Renouvelez-le : après cette date, plus aucun message ne part.")
