"""Check what an election's settings leave open: the site's addresses, the legal pages, and the policy of identifiers."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.checks import DoctorCheckResult, fault, passed, warning
from core.app import doctor_sentences as words
from core.app.settings import Settings
from core.policy.policy_and_calendar import Policy


def check_https(settings: Settings) -> DoctorCheckResult:
    """Check that passwords and cookies are encrypted in transit."""
    site = {"site": settings.election.site}
    if urlsplit(settings.election.site).scheme == "https":
        return passed(words.SITE, words.SITE_FINE.fill(site))
    return warning(words.SITE, words.SITE_IN_CLEAR.fill(site), words.USE_HTTPS)


def check_site_host_allowed(settings: Settings) -> DoctorCheckResult:
    """Check that the service answers the host name that voters type."""
    host, allowed = settings.site_host, settings.web.allowed_hosts
    if any(host == name or (name.startswith(".") and host.endswith(name)) for name in allowed):
        return passed(words.HOSTS, words.HOSTS_FINE.fill({"hosts": ", ".join(allowed)}))
    return fault(words.HOSTS, words.HOSTS_WITHOUT_SITE.fill({"host": host}), words.ADD_HOST)


def check_legal_settings(settings: Settings) -> Iterator[DoctorCheckResult]:
    """Name the empty settings of [legal]; a demonstration owes nobody such pages."""
    if settings.demo:
        return
    missing = settings.legal.missing
    if missing:
        yield warning(words.LEGAL, words.LEGAL_MISSING.fill({"settings": ", ".join(missing)}), words.GIVE_LEGAL)
    else:
        yield passed(words.LEGAL, words.LEGAL_FINE)


def check_identifier_protection(policy: Policy) -> DoctorCheckResult:
    """Name who could receive somebody else's identifier."""
    if policy.confirm_in_mailbox:
        return passed(words.IDENTITY, words.IDENTITY_BY_MAILBOX)
    return warning(words.IDENTITY, words.IDENTITY_BY_PASSWORD, words.CONFIRM_IN_MAILBOX)
