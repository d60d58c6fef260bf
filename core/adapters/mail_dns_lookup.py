"""Reads the DNS records by which receivers judge mail: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), MX and names of hosts."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

MOST_LOOKUPS = 10
"""Names that the evaluation of one SPF record may ask for (RFC 7208 section 4.6.4)."""
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
Address = IPv4Address | IPv6Address


class DnsResolverUnavailable(Exception):
    """No resolver answers here."""


class SpfError(Exception):
    """The record cannot be evaluated; receivers take it for none."""


@dataclass
class MailDnsLookup:
    """The records of domains, as one resolver gives them. Every method raises DnsResolverUnavailable."""

    resolver: dns.resolver.Resolver

    def txt_records(self, name: str, prefix: str) -> list[str]:
        """Return the TXT records that begin so."""
        found = [b"".join(each.strings).decode("utf-8", "replace") for each in self._records(name, "TXT")]
        return [text for text in found if text.lower().replace(" ", "").startswith(prefix)]

    def host_addresses(self, name: str) -> list[Address]:
        """Return the addresses of a host; an address is its own."""
        try:
            return [ip_address(name.strip("[]"))]
        except ValueError:
            return [ip_address(each.address) for kind in ("A", "AAAA") for each in self._records(name, kind)]

    def mail_hosts(self, domain: str) -> list[str]:
        """Return the hosts that take mail for a domain, the preferred one first; without MX records, the domain itself."""
        found = sorted(self._records(domain, "MX"), key=lambda each: each.preference)
        if found:
            return [name for each in found if (name := each.exchange.to_text().rstrip("."))]
        return [domain] if self.host_addresses(domain) else []

    def forward_confirmed_name(self, address: Address) -> str | None:
        """Return the name of an address that leads back to it, if there is one."""
        names = [each.target.to_text() for each in self._records(dns.reversename.from_address(str(address)), "PTR")]
        return next((name.rstrip(".") for name in names if address in self.host_addresses(name)), None)

    def dmarc(self, domain: str) -> tuple[str, dict[str, str]] | None:
        """Return the tags of the DMARC record of a domain or of the nearest domain above it, and where it is."""
        labels = domain.split(".")
        for start in range(len(labels) - 1):
            above = ".".join(labels[start:])
            found = self.txt_records(f"_dmarc.{above}", "v=dmarc1")
            if len(found) == 1:
                return above, parse_record_tags(found[0])
        return None

    def _records(self, name: str | dns.name.Name, kind: str) -> list[Any]:
        try:
            return list(self.resolver.resolve(name, kind, search=False))
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.EmptyLabel):
            return []
        except dns.exception.DNSException as failure:
            raise DnsResolverUnavailable(type(failure).__name__) from failure


@dataclass
class SpfEvaluation:
    """The evaluation of a domain's SPF record for one address. Raises SpfError, DnsResolverUnavailable."""

    records: MailDnsLookup
    address: Address
    lookups: int = 0

    def result(self, domain: str) -> str:
        """Return "pass", "fail", "softfail", "neutral", or "none" without a record."""
        found = self.records.txt_records(domain, "v=spf1")
        if len(found) > 1:
            raise SpfError("several records")
        return self._evaluated(found[0].split()[1:], domain) if found else "none"

    def _evaluated(self, terms: Sequence[str], domain: str) -> str:
        for term in terms:
            qualifier, mechanism = (term[0], term[1:]) if term[0] in RESULTS else ("+", term)
            if "=" not in mechanism and self._matches(mechanism, domain):
                return RESULTS[qualifier]
        followed = next((term[9:] for term in terms if term.lower().startswith("redirect=")), None)
        if followed is None:
            return "neutral"
        self._count()
        return self.result(followed)

    def _matches(self, mechanism: str, domain: str) -> bool:
        name, _, target = mechanism.partition(":")
        name, _, length = name.partition("/") if not target else (name, "", "")
        match name.lower():
            case "all":
                return True
            case "ip4" | "ip6":
                return self._within(target)
            case "include":
                self._count()
                result = self.result(target)
                if result == "none":
                    raise SpfError(mechanism)
                return result == "pass"
            case "a" | "mx":
                self._count()
                target, _, after = target.partition("/")
                hosts = [target or domain] if name.lower() == "a" else self.records.mail_hosts(target or domain)
                found = [each for host in hosts for each in self.records.host_addresses(host)]
                return any(self._within(f"{each}/{length or after}".rstrip("/")) for each in found)
            case _:
                raise SpfError(mechanism)

    def _within(self, network: str) -> bool:
        try:
            return self.address in ip_network(network, strict=False)
        except ValueError:
            raise SpfError(network) from None

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise SpfError("too many names")


def parse_record_tags(record: str) -> dict[str, str]:
    """Return the tags of a DKIM or DMARC record."""
    parts = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in parts if name.strip()}
