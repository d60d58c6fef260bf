"""The site's address, and the names the service answers to."""

from urllib.parse import urlsplit

from cli.checks import Check, attention, fault, ok
from core.settings import Settings
from core.words import doctor as words


def check_site(settings: Settings) -> Check:
    """Whether passwords and cookies travel protected."""
    site = {"site": settings.election.site}
    if urlsplit(settings.election.site).scheme == "https":
        return ok(words.SITE, words.SITE_FINE.fill(site))
    return attention(words.SITE, words.SITE_IN_CLEAR.fill(site), words.USE_HTTPS)


def check_hosts(settings: Settings) -> Check:
    """Whether the service answers to the name that voters type."""
    host, allowed = settings.site_host, settings.web.allowed_hosts
    if any(host == name or (name.startswith(".") and host.endswith(name)) for name in allowed):
        return ok(words.HOSTS, words.HOSTS_FINE.fill({"hosts": ", ".join(allowed)}))
    return fault(words.HOSTS, words.HOSTS_WITHOUT_SITE.fill({"host": host}), words.ADD_HOST)
