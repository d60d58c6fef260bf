"""The sentences of `retrouve doctor` about what the world sees: the site from outside, and the records of mail delivery."""

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

# ── Mail, as those who receive it check it ───────────────────────────────────────────────────────────────

NAMES = N_("DNS")
NAMES_UNSEEN = N_(
    "aucun résolveur ne répond d'ici ({detail}) : SPF, DKIM, DMARC, le retour des messages et les noms des relais n'ont pas pu être vus."
)
LOOK_ELSEWHERE = N_("Refaites « retrouve doctor » là où les noms se résolvent.")

SPF = N_("SPF de {domain}")
SPF_FINE = N_("il autorise {relay}.")
SPF_MISSING = N_("aucun : des messageries classeront les messages en indésirables.")
SPF_BROKEN = N_("il ne peut pas être évalué d'ici ({detail}).")
SPF_OPEN = N_("il autorise le monde entier.")
SPF_OTHERS = N_("il n'autorise pas {relay} ({address}).")
PUBLISH_SPF = N_("Publiez un seul enregistrement TXT « v=spf1 … -all » qui nomme les relais.")
NAME_RELAY = N_("Ajoutez-le, à moins que le relais n'envoie depuis une autre adresse, qui y est.")

DKIM = N_("DKIM de {domain}")
DKIM_FINE = N_("la clé {selector} est publiée, sous le domaine de l'expéditeur.")
DKIM_MISSING = N_("la clé {selector} n'est pas publiée.")
DKIM_REVOKED = N_("la clé {selector} est révoquée ou illisible.")
PUBLISH_DKIM = N_("Publiez la clé publique avec laquelle le relais signe.")
DKIM_UNKNOWN = N_("rien ne dit avec quelle clé le relais signe.")
NAME_SELECTOR = N_("Donnez dkim_selector dans [mail] ; la signature doit être au nom du domaine de l'expéditeur.")

DMARC = N_("DMARC de {domain}")
DMARC_FINE = N_("la consigne est « {policy} », et le domaine des retours s'accorde avec l'expéditeur.")
DMARC_BY_DKIM = N_("la consigne est « {policy} », que remplit la seule signature DKIM.")
DMARC_MISSING = N_("aucun : des messageries classeront les messages en indésirables.")
PUBLISH_DMARC = N_("Publiez un enregistrement TXT « v=DMARC1; p=… » à _dmarc.{domain}.")
DMARC_UNMET = N_(
    "la consigne est « {policy} », et rien ne la remplit : le domaine des retours ({bounces}) ne s'accorde pas avec l'expéditeur, et aucune clé DKIM n'est publiée."
)
ALIGN = N_("Prenez pour bounce_domain le domaine de l'expéditeur ou l'un de ses sous-domaines, ou publiez la clé DKIM.")

RETURNS = N_("retour des messages à {domain}")
RETURNS_FINE = N_("ils arrivent à {hosts}.")
RETURNS_NOWHERE = N_("aucun serveur ne les prend : personne n'apprendra qu'un message n'a pas pu être remis.")
PUBLISH_MX = N_("Publiez un enregistrement MX, ou changez bounce_domain.")

REVERSE = N_("nom de {relay}")
REVERSE_FINE = N_("{address} porte le nom {name}, qui mène à elle.")
REVERSE_MISSING = N_("{address} ne porte aucun nom qui mène à elle : des messageries refusent ce relais.")
ASK_REVERSE = N_(
    "Demandez l'enregistrement PTR à l'hébergeur de cette adresse, à moins que le relais n'envoie d'une autre."
)

EXPIRES = N_("son certificat expire le {end}.")
RENEW = N_("Renouvelez-le : après cette date, plus aucun message ne part.")
