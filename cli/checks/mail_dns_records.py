"""Check the records by which receivers judge our mails: SPF, DKIM, DMARC, where bounces go, and the names of relays."""

from collections.abc import Callable, Iterator

import dns.resolver

from cli.checks import DoctorCheckResult, failure_detail, fault, passed, warning
from core.adapters.mail_dns_lookup import (
    Address,
    DnsResolverUnavailable,
    MailDnsLookup,
    SpfError,
    SpfEvaluation,
    parse_record_tags,
)
from core.app import doctor_site_and_dns_sentences as words
from core.app.settings import Settings
from core.app.settings.sections import MailSection

LONGEST_WAIT_SECONDS = 3.0
Check = Callable[[MailSection, MailDnsLookup], Iterator[DoctorCheckResult]]


def check_mail_dns_records(
    settings: Settings, resolver: Callable[[], dns.resolver.Resolver]
) -> Iterator[DoctorCheckResult]:
    """Check the records of the sender's domain and of the relays; without a resolver, say what could not be seen."""
    try:
        records = MailDnsLookup(resolver())
        for check in (_spf, _dkim, _dmarc, _returns, _reverse):
            yield from check(settings.mail, records)
    except (DnsResolverUnavailable, dns.resolver.NoResolverConfiguration) as away:
        yield warning(words.NAMES, words.NAMES_UNSEEN.fill(failure_detail(away)), words.LOOK_ELSEWHERE)


def system_resolver() -> dns.resolver.Resolver:
    """Return this machine's resolver. Raises NoResolverConfiguration."""
    resolver = dns.resolver.Resolver()
    resolver.lifetime = LONGEST_WAIT_SECONDS
    return resolver


def _spf(mail: MailSection, records: MailDnsLookup) -> Iterator[DoctorCheckResult]:
    """Receivers look the domain of the envelope up, which is that of bounces."""
    subject = words.SPF.fill({"domain": mail.bounce_domain})
    for relay, address in _public_relays(mail, records):
        facts = {"relay": relay, "address": str(address)}
        try:
            result = SpfEvaluation(records, address).result(mail.bounce_domain)
        except SpfError as broken:
            yield warning(subject, words.SPF_BROKEN.fill({"detail": str(broken)}), words.PUBLISH_SPF)
            return
        if result == "none":
            yield warning(subject, words.SPF_MISSING, words.PUBLISH_SPF)
            return
        if result != "pass":
            yield warning(subject, words.SPF_OTHERS.fill(facts), words.NAME_RELAY)
        elif {"all", "+all"} & set(records.txt_records(mail.bounce_domain, "v=spf1")[0].lower().split()):
            yield warning(subject, words.SPF_OPEN, words.PUBLISH_SPF)
        else:
            yield passed(subject, words.SPF_FINE.fill(facts))


def _dkim(mail: MailSection, records: MailDnsLookup) -> Iterator[DoctorCheckResult]:
    domain = sender_domain(mail)
    subject, selector = words.DKIM.fill({"domain": domain}), {"selector": mail.dkim_selector or ""}
    if mail.dkim_selector is None:
        yield warning(subject, words.DKIM_UNKNOWN, words.NAME_SELECTOR)
        return
    keys = dkim_keys(mail, records)
    if not keys:
        yield warning(subject, words.DKIM_MISSING.fill(selector), words.PUBLISH_DKIM)
    elif not any(keys):
        yield warning(subject, words.DKIM_REVOKED.fill(selector), words.PUBLISH_DKIM)
    else:
        yield passed(subject, words.DKIM_FINE.fill(selector))


def _dmarc(mail: MailSection, records: MailDnsLookup) -> Iterator[DoctorCheckResult]:
    domain = sender_domain(mail)
    subject = words.DMARC.fill({"domain": domain})
    found = records.dmarc(domain)
    if found is None:
        yield warning(subject, words.DMARC_MISSING, words.PUBLISH_DMARC.fill({"domain": domain}))
        return
    above, tags = found
    told = {"policy": tags.get("p", "none"), "bounces": mail.bounce_domain}
    if is_spf_aligned(mail.bounce_domain, domain, above, strict=tags.get("aspf") == "s"):
        yield passed(subject, words.DMARC_FINE.fill(told))
    elif any(dkim_keys(mail, records)):
        yield passed(subject, words.DMARC_BY_DKIM.fill(told))
    else:
        bad = warning if told["policy"] == "none" else fault
        yield bad(subject, words.DMARC_UNMET.fill(told), words.ALIGN)


def _returns(mail: MailSection, records: MailDnsLookup) -> Iterator[DoctorCheckResult]:
    subject = words.RETURNS.fill({"domain": mail.bounce_domain})
    hosts = records.mail_hosts(mail.bounce_domain)
    if hosts:
        yield passed(subject, words.RETURNS_FINE.fill({"hosts": ", ".join(hosts)}))
    else:
        yield warning(subject, words.RETURNS_NOWHERE, words.PUBLISH_MX)


def _reverse(mail: MailSection, records: MailDnsLookup) -> Iterator[DoctorCheckResult]:
    for relay, address in _public_relays(mail, records):
        subject, name = words.REVERSE.fill({"relay": relay}), records.forward_confirmed_name(address)
        facts = {"address": str(address), "name": name or ""}
        if name is None:
            yield warning(subject, words.REVERSE_MISSING.fill(facts), words.ASK_REVERSE)
        else:
            yield passed(subject, words.REVERSE_FINE.fill(facts))


def _public_relays(mail: MailSection, records: MailDnsLookup) -> Iterator[tuple[str, Address]]:
    """Yield each relay's addresses. A loopback address says nothing of where its mails leave from."""
    for relay in mail.relays:
        for address in records.host_addresses(relay.host):
            if not address.is_loopback:
                yield relay.host, address


def sender_domain(mail: MailSection) -> str:
    """Return the domain of the address that voters see."""
    return mail.sender.address.rpartition("@")[2]


def dkim_keys(mail: MailSection, records: MailDnsLookup) -> list[str]:
    """Return the public keys of the selector, empty when they are revoked."""
    if mail.dkim_selector is None:
        return []
    name = f"{mail.dkim_selector}._domainkey.{sender_domain(mail)}"
    return [parse_record_tags(record).get("p", "").replace(" ", "") for record in records.txt_records(name, "")]


def is_spf_aligned(bounces: str, sender: str, dmarc_domain: str, *, strict: bool) -> bool:
    """Tell whether SPF of the bounces' domain counts for the sender's, whose DMARC record is at `dmarc_domain`."""
    if bounces == sender:
        return True
    return not strict and all(
        domain == dmarc_domain or domain.endswith(f".{dmarc_domain}") for domain in (bounces, sender)
    )
