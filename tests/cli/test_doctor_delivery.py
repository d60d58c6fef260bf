"""`retrouve doctor` looks at mail delivery as receivers do: SPF, DKIM, DMARC, bounces, names of relays."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import dns.resolver
import pytest

from cli.checks import DoctorCheckSeverity
from cli.checks.mail_dns_records import check_mail_dns_records
from core.app import doctor_site_and_dns_sentences as words
from core.app.settings import load
from core.app.settings.election_toml_template import sample
from core.text.text import Language, Text
from core.text.translation import translate
from tests.support.name_server import Records, name_server

OK, ATTENTION, FAULT = DoctorCheckSeverity
SENDER, RELAY = "vote.exemple.fr", "smtp.exemple.fr"
GOOD: Records = {
    (SENDER, "TXT"): ['"v=spf1 include:_spf.exemple.fr -all"', '"unrelated"'],
    ("_spf.exemple.fr", "TXT"): ['"v=spf1 a:smtp.exemple.fr/32 ip4:198.51.100.0/24 -all"'],
    (SENDER, "MX"): ["10 mx.exemple.fr."],
    ("s1._domainkey.vote.exemple.fr", "TXT"): ['"v=DKIM1; k=rsa; p=MIGf" "MA0G"'],
    ("_dmarc.exemple.fr", "TXT"): ['"v=DMARC1; p=reject"'],
    (RELAY, "A"): ["192.0.2.25"],
    ("25.2.0.192.in-addr.arpa", "PTR"): ["smtp.exemple.fr."],
}
KEY = ("s1._domainkey.vote.exemple.fr", "TXT")
MARK = ("_dmarc.exemple.fr", "TXT")


def said(
    folder: Path, records: Mapping[tuple[str, str], list[str] | None], **variables: str
) -> dict[str, tuple[DoctorCheckSeverity, Text]]:
    """Return verdict and finding by subject, with these records instead of the good ones."""
    (folder / "election.toml").write_text(sample(), "utf-8")
    environ = {f"RETROUVE_MAIL__{name}": value for name, value in variables.items()}
    settings = load(folder, {"RETROUVE_MAIL__DKIM_SELECTOR": "s1", **environ})
    known = {key: value for key, value in {**GOOD, **records}.items() if value is not None}
    with name_server(known) as resolver:
        checks = list(check_mail_dns_records(settings, lambda: resolver))
    for check in checks:
        for language in Language:
            assert "{" not in translate(check.sentence(), language)
    return {
        check.subject.msgid.partition(" ")[0]: (check.verdict, replace(check.finding, params={})) for check in checks
    }


def test_good_records_are_found(folder: Path) -> None:
    """An SPF include, a DKIM key, DMARC of the parent domain, an MX and a matching reverse name are accepted."""
    assert said(folder, {}) == {
        "SPF": (OK, words.SPF_FINE),
        "DKIM": (OK, words.DKIM_FINE),
        "DMARC": (OK, words.DMARC_FINE),
        "retour": (OK, words.RETURNS_FINE),
        "nom": (OK, words.REVERSE_FINE),
    }


@pytest.mark.parametrize(
    ("subject", "records", "verdict", "finding"),
    [
        ("SPF", {(SENDER, "TXT"): None}, ATTENTION, words.SPF_MISSING),
        ("SPF", {(SENDER, "TXT"): ['"v=spf1 -all"', '"v=spf1 a -all"']}, ATTENTION, words.SPF_BROKEN),
        ("SPF", {(SENDER, "TXT"): ['"v=spf1 include:none.example -all"']}, ATTENTION, words.SPF_BROKEN),
        ("SPF", {(SENDER, "TXT"): [f'"v=spf1 redirect={SENDER}"']}, ATTENTION, words.SPF_BROKEN),
        ("SPF", {(SENDER, "TXT"): ['"v=spf1 +all"']}, ATTENTION, words.SPF_OPEN),
        ("SPF", {(SENDER, "TXT"): ['"v=spf1 mx ip4:192.0.2.0/28 ~all"']}, ATTENTION, words.SPF_OTHERS),
        ("SPF", {(SENDER, "TXT"): ['"v=spf1 ip4:192.0.2.0/24 -all"']}, OK, words.SPF_FINE),
        ("DKIM", {KEY: None}, ATTENTION, words.DKIM_MISSING),
        ("DKIM", {KEY: ['"v=DKIM1; p="']}, ATTENTION, words.DKIM_REVOKED),
        ("DMARC", {MARK: None}, ATTENTION, words.DMARC_MISSING),
        ("retour", {(SENDER, "MX"): None}, ATTENTION, words.RETURNS_NOWHERE),
        ("retour", {(SENDER, "MX"): ["0 ."]}, ATTENTION, words.RETURNS_NOWHERE),
        ("nom", {("25.2.0.192.in-addr.arpa", "PTR"): None}, ATTENTION, words.REVERSE_MISSING),
        ("nom", {("25.2.0.192.in-addr.arpa", "PTR"): ["other.example."]}, ATTENTION, words.REVERSE_MISSING),
    ],
)
def test_a_record_that_receivers_would_mind_is_reported(
    folder: Path,
    subject: str,
    records: Mapping[tuple[str, str], list[str] | None],
    verdict: DoctorCheckSeverity,
    finding: Text,
) -> None:
    """A record that is missing, broken or too open is reported with its remedy."""
    assert said(folder, records)[subject] == (verdict, finding)


@pytest.mark.parametrize(
    ("policy", "bounces", "key", "found"),
    [
        ("p=reject", "retours.exemple.fr", GOOD[KEY], (OK, words.DMARC_FINE)),
        ("p=reject; aspf=s", "retours.exemple.fr", GOOD[KEY], (OK, words.DMARC_BY_DKIM)),
        ("p=reject", "retours.example", None, (FAULT, words.DMARC_UNMET)),
        ("p=none", "retours.example", None, (ATTENTION, words.DMARC_UNMET)),
    ],
)
def test_dmarc_is_met_by_the_domain_of_bounces_or_by_dkim(
    folder: Path, policy: str, bounces: str, key: list[str] | None, found: tuple[DoctorCheckSeverity, Text]
) -> None:
    """A policy of refusal that neither SPF nor DKIM meets is a fault: no message would arrive."""
    records = {MARK: [f'"v=DMARC1; {policy}"'], KEY: key}

    assert said(folder, records, BOUNCE_DOMAIN=bounces)["DMARC"] == found


def test_without_a_selector_dkim_cannot_be_seen(folder: Path) -> None:
    """Doctor asks for the selector in the settings."""
    (folder / "election.toml").write_text(sample(), "utf-8")
    with name_server(GOOD) as resolver:
        checks = list(check_mail_dns_records(load(folder), lambda: resolver))

    assert [check.finding for check in checks if check.subject.msgid == words.DKIM.msgid] == [words.DKIM_UNKNOWN]


def no_resolver() -> dns.resolver.Resolver:
    """Stand in for a machine without a resolver."""
    raise dns.resolver.NoResolverConfiguration


def deaf_resolver() -> dns.resolver.Resolver:
    """Stand in for a resolver that refuses."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], 1, 0.2
    return resolver


@pytest.mark.parametrize("resolver", [no_resolver, deaf_resolver])
def test_without_a_resolver_doctor_says_what_it_could_not_see(folder: Path, resolver: object) -> None:
    """One line names what was not looked at, and nothing is called a fault."""
    (folder / "election.toml").write_text(sample(), "utf-8")

    checks = list(check_mail_dns_records(load(folder), resolver))  # type: ignore[arg-type]

    assert [check.verdict for check in checks] == [ATTENTION]
    assert "SPF, DKIM, DMARC" in translate(checks[0].sentence(), Language.FRENCH)
