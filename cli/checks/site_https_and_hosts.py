"""Check the site's address and the host names that the service answers."""

from urllib.parse import urlsplit

from cli.checks import CheckResult, fault, passed, warning
from core.app import doctor_sentences as words
from core.app.settings import Settings


def check_https(settings: Settings) -> CheckResult:
    """Check that passwords and cookies are encrypted in transit."""
    site = {"site": settings.election.site}
    if urlsplit(settings.election.site).scheme == "https":
        return passed(words.SITE, words.SITE_FINE.fill(site))
    return warning(words.SITE, words.SITE_IN_CLEAR.fill(site), words.USE_HTTPS)


def check_hosts(settings: Settings) -> CheckResult:
    """Check that the service answers the host name that voters type."""
    host, allowed = settings.site_host, settings.web.allowed_hosts
    if any(host == name or (name.startswith(".") and host.endswith(name)) for name in allowed):
        return passed(words.HOSTS, words.HOSTS_FINE.fill({"hosts": ", ".join(allowed)}))
    return fault(words.HOSTS, words.HOSTS_WITHOUT_SITE.fill({"host": host}), words.ADD_HOST)
