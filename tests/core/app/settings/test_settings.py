"""Tests that settings are read from election.toml and from environment variables named RETROUVE_*."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pydantic import BaseModel

from core.app.settings import KannelSection, RelaySection, SettingFault, Settings, SettingsRefused, SmtpTlsMode, load
from core.app.settings.election_toml_template import sample, uncommented_sample
from core.policy.policy import PRESETS, Policy
from core.text.text import Language, Text
from core.text.translation import format_value, translate
from tests.support.settings import load_with

NOTHING: Mapping[str, str] = {}


def write_settings(folder: Path, toml: str) -> Path:
    (folder / "election.toml").write_text(toml, "utf-8")
    return folder


def sample_with(old: str, new: str) -> str:
    assert sample().count(f"\n{old}\n") == 1
    return sample().replace(f"\n{old}\n", f"\n{new}\n")


def line_of(toml: str, start: str) -> int:
    return next(number for number, line in enumerate(toml.splitlines(), start=1) if line.startswith(start))


def faults(folder: Path, toml: str, environ: Mapping[str, str] = NOTHING) -> tuple[SettingFault, ...]:
    with pytest.raises(SettingsRefused) as refused:
        load_with(write_settings(folder, toml), environ)
    return refused.value.faults


def fault(folder: Path, toml: str, environ: Mapping[str, str] = NOTHING) -> SettingFault:
    (only,) = faults(folder, toml, environ)
    return only


def in_french(text: Text | str) -> str:
    return translate(text, Language.FRENCH) if isinstance(text, Text) else text


# ── The sample ───────────────────────────────────────────────────────────────────────────────────────────


def setting_names(model: type[BaseModel]) -> set[str]:
    """Return the names of a section's settings in the file, without secrets, which must not be in the file."""
    return {each.alias or name for name, each in model.model_fields.items()} - {"password", "inbound_secret", "secret"}


def test_the_sample_loads_with_the_values_it_shows(tmp_path: Path) -> None:
    settings = load(write_settings(tmp_path, sample()))

    assert settings.applied_policy() == PRESETS["2018"]
    assert settings.calendar().vote_closes == datetime(2018, 12, 6, 16, 0, tzinfo=UTC)
    assert settings.election_words().site == "https://vote.exemple.fr"
    assert settings.web.allowed_hosts == ("vote.exemple.fr", "localhost", "127.0.0.1", "[::1]")
    assert settings.mail.bounce_domain == "vote.exemple.fr"
    assert settings.database_url == f"sqlite:///{tmp_path}/retrouve.sqlite3"


def test_the_sample_names_every_setting_and_no_other() -> None:
    """The template contains every setting of every section and every number of the policy, also commented out."""
    tree: dict[str, Any] = tomllib.loads(uncommented_sample())

    assert set(tree) == setting_names(Settings)
    for section in ("election", "desk", "web", "metrics", "mail", "sms"):
        model = Settings.model_fields[section].annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        assert set(tree[section]) == setting_names(model)
    assert set(tree["policy"]) == {"preset", *(each.name for each in fields(Policy))}
    assert set(tree["mail"]["relays"][0]) == setting_names(RelaySection)
    assert set(tree["sms"]["gateways"][0]) == setting_names(KannelSection)


def test_the_templates_of_both_languages_have_the_same_settings() -> None:
    """The English template has the settings of the French one, in their order, with the same values."""
    french, english = (
        re.findall(r"^[^#\n].*", uncommented_sample(language), re.MULTILINE)
        for language in (Language.FRENCH, Language.ENGLISH)
    )

    assert french == english


def sample_with_defaults() -> str:
    return re.sub(r"^# (?=[a-z_]+ = )", "", sample(), flags=re.MULTILINE)


def test_the_samples_commented_values_are_the_defaults(tmp_path: Path) -> None:
    """Uncommenting the template's values changes nothing. No default of the policy is shown as an example."""
    assert sample_with_defaults() != sample()
    assert load(write_settings(tmp_path, sample_with_defaults())) == load(write_settings(tmp_path, sample()))

    assert set(tomllib.loads(sample_with_defaults())["policy"]) == set(tomllib.loads(uncommented_sample())["policy"])


# ── What is taken ────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_overrides_that_of_the_preset(tmp_path: Path) -> None:
    """A number that is set together with a preset changes only that number."""
    toml = sample_with('# preset = "2018"', 'preset = "2026"\nasks_per_network = 5')

    policy = load(write_settings(tmp_path, toml)).applied_policy()

    assert (policy.password_minimum_length, policy.password_maximum_length, policy.asks_per_network) == (12, 128, 5)


def test_a_variable_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable overrides a section, the policy, a top-level setting, and a list that is given as JSON."""
    environ = {
        "RETROUVE_MAIL__SENDER": "Vote <vote@ac-lumiere.example>",
        "RETROUVE_POLICY__ASKS_PER_ADDRESS": "7",
        "RETROUVE_DATABASE_URL": "postgresql+psycopg://vote:secret@base/vote",
        "RETROUVE_WEB__ALLOWED_HOSTS": '["vote.ac-lumiere.example"]',
        "RETROUVE_THROTTLE_NETWORKS": "false",
        "RETROUVE_LOG_LEVEL": "",
        "RETROUVE_LANGUAGE": "en",
        "HOME": "elsewhere",
    }
    settings = load_with(write_settings(tmp_path, sample()), environ)
    assert (settings.mail.sender.name, settings.mail.sender.address) == ("Vote", "vote@ac-lumiere.example")
    assert settings.applied_policy().asks_per_address == 7
    assert settings.database_url == "postgresql+psycopg://vote:secret@base/vote"
    assert settings.web.allowed_hosts == ("vote.ac-lumiere.example",)
    assert not settings.throttle_networks
    assert settings.applied_policy().sign_in_addresses_per_network == 0
    assert settings.applied_policy().asks_per_network == settings.applied_policy().asks_per_address, (
        "that limit holds without the others"
    )
    assert settings.log_level == "info"

    monkeypatch.setenv("RETROUVE_WEB__PORT", "8123")

    assert load(write_settings(tmp_path, sample())).web.port == 8123


def test_a_site_with_accents_or_a_final_slash_is_read_as_browsers_send_it(tmp_path: Path) -> None:
    """An internationalised host name becomes its xn-- form, and a final slash is dropped."""
    toml = sample_with('site = "https://vote.exemple.fr"', 'site = "https://Élections.exemple.fr/"')

    assert load(write_settings(tmp_path, toml)).election.site == "https://xn--lections-90a.exemple.fr"


def test_dates_without_an_offset_are_taken_in_the_zone(tmp_path: Path) -> None:
    """A date without a UTC offset is in the election's time zone. A date with an offset keeps its instant."""
    toml = sample_with('# zone = "Europe/Paris"', 'zone = "Europe/Brussels"').replace(
        "vote_closes = 2018-12-06T17:00:00", "vote_closes = 2018-12-06T17:00:00+11:00"
    )

    calendar = load(write_settings(tmp_path, toml)).calendar()

    assert calendar.vote_opens == datetime(2018, 11, 29, 9, 0, tzinfo=UTC)
    assert calendar.vote_closes == datetime(2018, 12, 6, 6, 0, tzinfo=UTC)
    assert calendar.vote_closes.hour == 7
    assert calendar.last_minutes == timedelta(minutes=30)


def test_a_relay_s_password_is_read_from_its_file_or_the_environment(tmp_path: Path) -> None:
    """A password is the line of its file, or comes from a variable's JSON. No text about the settings shows it."""
    (tmp_path / "relay.password").write_text("s3cret \n", "utf-8")
    toml = sample_with('# tls = "starttls"', 'tls = "implicit"\nusername = "vote"\npassword_file = "relay.password"')
    settings = load(write_settings(tmp_path, toml))
    (relay,) = settings.mail.relays
    assert relay.tls is SmtpTlsMode.IMPLICIT
    assert relay.password is not None
    assert relay.password.get_secret_value() == "s3cret "
    assert "s3cret" not in repr(settings)

    environ = {"RETROUVE_MAIL__RELAYS": '[{"host": "smtp", "username": "vote", "password": "s3cret"}]'}
    (relay,) = load_with(write_settings(tmp_path, sample()), environ).mail.relays
    assert relay.password is not None
    assert relay.password.get_secret_value() == "s3cret"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    toml = sample_with("# asks_per_network = 4", "asks_per_network = 0").replace("\n", "\r\n")
    (tmp_path / "election.toml").write_bytes(b"\xef\xbb\xbf" + toml.encode())

    with pytest.raises(SettingsRefused) as refused:
        load(tmp_path)

    assert [each.line for each in refused.value.faults] == [line_of(toml, "asks_per_network")]


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_is_one_complete_sentence() -> None:
    """The sentence has line, setting, value, reason and accepted values. Line 1024 has no thousands separator."""
    refused = SettingFault(1024, "policy.asks_per_network", "0", "Input should be at least 1.", "1 ou plus")

    assert (
        in_french(refused.sentence())
        == "election.toml, ligne 1024 : policy.asks_per_network = 0. Input should be at least 1. Permis : 1 ou plus."
    )


GATEWAY = ("[[sms.gateways]]", 'url = "http://127.0.0.1:13013/sms"', 'sender = "38000"', 'username = "retrouve"')
PLATFORM = "# Sans adresse, le registre est tenu ici même, dans la base."
LOGO = '# Exemple : logo = "logo.svg"'
NETWORKS = '# callback_networks = ["127.0.0.0/8", "::1/128"]'


def gateway(wrong: str) -> str:
    name = wrong.partition(" ")[0]
    return "\n".join([*(line for line in GATEWAY if not line.startswith(name)), wrong])


WRONG = [
    ("# asks_per_network = 4", "asks_per_network = 0", "policy.asks_per_network", "greater than or equal to 1"),
    ("# asks_per_network = 4", "asks_per_network = true", "policy.asks_per_network", "asks_per_network = 4"),
    ("# asks_per_network = 4", 'asks_per_network = "trois"', "policy.asks_per_network", "asks_per_network = 4"),
    ("# asks_per_network = 4", "asks_per_network = 2.5", "policy.asks_per_network", "asks_per_network = 4"),
    ("# asks_per_network = 4", "asks_per_network = nan", "policy.asks_per_network", "asks_per_network = 4"),
    ("# asks_per_network = 4", "ask_per_network = 4", "policy.ask_per_network", "peut-être asks_per_network"),
    ("# demo = false", "_env_file = 3", "_env_file", "retrouve init"),
    (
        '# Exemple : vote_site = "https://www.vote.exemple.fr/2018"',
        'vote_site = "https://vote.exemple.fr@evil.example/"',
        "election.vote_site",
        "vote_site = ",
    ),
    (LOGO, 'logo = "logo.svg"', "institution.logo", "lecteurs d'écran"),
    (LOGO, 'name = "Académie"\nlogo = "missing.svg"', "institution.logo", "SVG ou PNG"),
    ("# asks_per_network = 4", "zzz = 3", "policy.zzz", "retrouve init"),
    ("# code_tries = 5", "code_tries = 10001", "policy.code_tries", "less than or equal to 10000"),
    (
        "# password_unicode_letters = false",
        'password_unicode_letters = "é"',
        "policy.password_unicode_letters",
        "false",
    ),
    ('# preset = "2018"', 'preset = "2019"', "policy.preset", '"2018" or "2026"'),
    ("# password_minimum_length = 8", "password_minimum_length = 25", "policy.password_minimum_length", "supérieur"),
    ("# link_valid_minutes = 240", "link_valid_minutes = 5", "policy.link_valid_minutes", "supérieur"),
    ('site = "https://vote.exemple.fr"', 'site = "https://vote.exemple.fr/vote"', "election.site", "sans chemin"),
    ('site = "https://vote.exemple.fr"', 'site = "vote.exemple.fr"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', 'site = "ftp://vote.exemple.fr"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', 'site = "https://a:b@vote.exemple.fr"', "election.site", "secret"),
    ('site = "https://vote.exemple.fr"', 'site = "https://vote.exemple.fr:99999"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', 'site = "https://[::1"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', f'site = "https://{"w" * 51}"', "election.site", "50"),
    ('# zone = "Europe/Paris"', 'zone = "Europe/Pariss"', "election.zone", "invalid timezone"),
    ('# zone = "Europe/Paris"', 'zone = "Pacific/Noumea"', "election.zone", "décalage"),
    ('# zone = "Europe/Paris"', 'zone = "../../etc"', "election.zone", "invalid timezone"),
    ("vote_opens = 2018-11-29T10:00:00", "vote_opens = 2018-11-05T09:00:00", "election.vote_opens", "recovery_opens"),
    ("vote_closes = 2018-12-06T17:00:00", "vote_closes = 2018-11-20T17:00:00", "election.vote_closes", "clôture"),
    ("vote_opens = 2018-11-29T10:00:00", 'vote_opens = "2018-11-29"', "election.vote_opens", "2018-11-29T10:00:00"),
    ("vote_opens = 2018-11-29T10:00:00", "vote_opens = 20181129", "election.vote_opens", "2018-11-29T10:00:00"),
    ("vote_closes = 2018-12-06T17:00:00", "vote_closes = 9999-12-31T23:59:59", "election.vote_closes", "2100"),
    ("vote_opens = 2018-11-29T10:00:00", "vote_opens = 0001-01-01T00:00:00+14:00", "election.vote_opens", "2000"),
    ('name = "Élections professionnelles 2018"', 'name = " "', "election.name", "at least 1"),
    ('name = "Élections professionnelles 2018"', 'name = "a\\nb"', "election.name", "saut de ligne"),
    ('name = "Élections professionnelles 2018"', "# nothing", "election.name", 'name = "Élections'),
    ('email = "assistance@vote.exemple.fr"', 'email = "assistance"', "desk.email", "une seule adresse"),
    ('# host = "127.0.0.1"\n# port = 8000', 'host = "http://127.0.0.1"', "web.host", "sans https://"),
    ("# port = 8000", "port = 70000", "web.port", "less than or equal to 65"),
    ("# workers = 2", "workers = true", "web.workers", "workers = 2"),
    ("# trusted_proxies = []", 'trusted_proxies = ["10.0.0.1/8"]', "web.trusted_proxies[1]", "not a valid IPv4"),
    ("# trusted_proxies = []", 'trusted_proxies = "10.0.0.0/8"', "web.trusted_proxies", "trusted_proxies = []"),
    ('# bounce_local_part = "retour"', 'bounce_local_part = "a+b"', "mail.bounce_local_part", "{1,30}"),
    ('# tls = "starttls"', 'tls = "ssl"', "mail.relays[1].tls", "'none', 'starttls' or 'implicit'"),
    ('# tls = "starttls"', 'username = "vote"', "mail.relays[1]", "password_file"),
    ('# tls = "starttls"', "timeout_seconds = 51", "mail.relays[1].timeout_seconds", "equal to 50"),
    ("# timeout_seconds = 5\n", "timeout_seconds = 51\n", "platform.timeout_seconds", "equal to 50"),
    ('# tls = "starttls"', 'password_file = "x"', "mail.relays[1]", "username"),
    ('# tls = "starttls"', 'username = "vote"\npassword_file = "x"', "mail.relays[1].password_file", "lisible"),
    ('# log_level = "info"', 'log_level = "loud"', "log_level", "'info'"),
    ("# demo = false", "demo = 3", "demo", "demo = false"),
    ("# demo = false", "[demo]", "demo", "demo = false"),
    ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "mysql://base/vote"', "database_url", "sqlite"),
    ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "sqlite://"', "database_url", "sqlite"),
    ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "nothing"', "database_url", "sqlite"),
    (
        '# database_url = "sqlite:///retrouve.sqlite3"',
        'database_url = "postgresql+pg8000://h/b"',
        "database_url",
        "+psycopg",
    ),
    ("# throttle_networks = true", 'throttle_url = "redis://192.0.2.20"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey://"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey://192.0.2.20:many"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey://192.0.2.20/first"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey://192.0.2.20?db=1"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey+unix://"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey+sentinel://192.0.2.20/vote"', "throttle_url", "sentinelles"),
    ("# throttle_networks = true", 'throttle_url = "valkey+sentinel://h:1,h:99999/v"', "throttle_url", "sentinelles"),
    ("# throttle_networks = true", 'throttle_url = "valkey+sentinel://192.0.2.20:1"', "throttle_url", "sentinelles"),
    (NETWORKS, 'callback_networks = ["10.0.0.1/8"]', "sms.callback_networks[1]", "not a valid IPv4"),
    (NETWORKS, 'callbacks = "http://10.0.0.2:8000/sms"', "sms.callbacks", "sans chemin"),
    (NETWORKS, 'inbound_secret = "open"', "sms.inbound_secret", "inbound_secret_file"),
    (NETWORKS, 'inbound_secret_file = "missing"', "sms.inbound_secret_file", "lisible"),
    (NETWORKS, gateway('url = "http://127.0.0.1:13013"'), "sms.gateways[1].url", "sendsms"),
    (NETWORKS, gateway('url = "http://vote:open@127.0.0.1/cgi-bin/sendsms"'), "sms.gateways[1].url", "secret"),
    (NETWORKS, gateway('sender = "Élections"'), "sms.gateways[1].sender", "numéro court"),
    (NETWORKS, gateway('sender = "Vote 2018"'), "sms.gateways[1].sender", "sans espace"),
    (NETWORKS, gateway('sender = "+33612345678"'), "sms.gateways[1].sender", "numéro court"),
    (NETWORKS, gateway('sender = "ElectionsPro"'), "sms.gateways[1].sender", "11 lettres"),
    (NETWORKS, gateway('sender = "0612345678"'), "sms.gateways[1].sender", "numéro court"),
    (NETWORKS, gateway('username = "retrouve"'), "sms.gateways[1]", "password_file"),
    (NETWORKS, gateway('password_file = "missing"'), "sms.gateways[1].password_file", "lisible"),
    (NETWORKS, gateway('password = "open"'), "sms.gateways[1].password", "password_file"),
    (
        '# host = "127.0.0.1"\n# Exemple : serve_port = 9101',
        "serve_port = 0",
        "metrics.serve_port",
        "greater than or equal to 1",
    ),
]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('# tls = "starttls"', 'username = "vote"\npassword_file = "gone.password"'),
        (NETWORKS, gateway('password_file = "gone.password"')),
        (PLATFORM, f'{PLATFORM}\nurl = "https://platform.example"\nkey_file = "gone.password"'),
    ],
    ids=["relay", "gateway", "platform"],
)
def test_a_program_that_does_not_send_reads_no_password(tmp_path: Path, old: str, new: str) -> None:
    """The site can start on a host where it may not read the passwords and the key that only the courier needs."""
    folder = write_settings(tmp_path, sample_with(old, new))

    settings = load(folder, sends=False)

    assert settings.platform.key is None
    assert {each.password for each in (*settings.mail.relays, *settings.sms.gateways)} == {None}
    with pytest.raises(SettingsRefused):
        load(folder)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b'<?xml version="1.0"?><svg/>', "image/svg+xml"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", None),
        (b"", None),
        (b"<svg>".ljust(50 * 1024 + 1), None),
    ],
    ids=["svg", "png", "jpeg", "empty", "large"],
)
def test_a_logo_is_a_small_svg_or_png_file(tmp_path: Path, content: bytes, media_type: str | None) -> None:
    """The type comes from the content, not from the name of the file."""
    (tmp_path / "logo.bin").write_bytes(content)
    toml = sample_with(LOGO, 'name = "Académie"\nlogo = "logo.bin"')

    if media_type is None:
        assert fault(tmp_path, toml).place == "institution.logo"
    else:
        shown = load(write_settings(tmp_path, toml)).institution
        assert (shown.image, shown.logo_type) == (content, media_type)


def test_the_first_of_several_unreadable_secrets_is_told(tmp_path: Path) -> None:
    """Secrets are read in the order of the file: relays, SMS gateways, platform."""
    with_sms = sample_with(NETWORKS, 'inbound_secret_file = "gone"')
    toml = with_sms.replace(PLATFORM, f'{PLATFORM}\nurl = "https://platform.example"\nkey_file = "gone"')

    assert fault(tmp_path, toml).place == "sms.inbound_secret_file"


def test_a_wrong_value_is_refused_with_its_line_and_what_is_allowed(tmp_path: Path) -> None:
    """A wrong value is an error at its line. A missing value is an error at the line of its section."""
    for old, new, place, allowed in WRONG:
        toml = sample_with(old, new)

        refused = fault(tmp_path, toml)

        assert refused.place == place, new
        lines = (new.splitlines()[-1], new.splitlines()[0], "[election]", "[[mail.relays]]")
        assert refused.line in {line_of(toml, each) for each in lines}, new
        assert allowed in in_french(refused.sentence()), new
        assert in_french(refused.sentence()).startswith(f"election.toml, ligne {refused.line} : {place}")


def test_all_faults_are_listed_in_the_order_of_the_file_at_their_lines(tmp_path: Path) -> None:
    """An error in the second relay has that relay's line. Lines in triple quotes are not taken for settings."""
    toml = sample_with("# asks_per_network = 4", "asks_per_network = 0\nsession_minutes = 0\nzzz = 1").replace(
        'host = "smtp.exemple.fr"', 'host = "smtp exemple"'
    )
    found = faults(tmp_path, toml)
    places = ["policy.asks_per_network", "policy.session_minutes", "policy.zzz", "mail.relays[1].host"]
    assert [each.place for each in found] == places
    assert [each.line for each in found] == [
        line_of(toml, start) for start in ("asks_per_network", "session_minutes", "zzz", 'host = "smtp e')
    ]

    toml = sample() + 'port = 25\n[[mail.relays]]\nhost = "b"\nport = 0\n[[mail.relays]]\nhost = "c"\nport = 25\n'
    refused = fault(tmp_path, toml)
    assert (refused.place, refused.line) == ("mail.relays[2].port", line_of(toml, "port = 0"))

    toml = sample_with(
        'name = "Élections professionnelles 2018"', 'name = """\\\nport = 0\n[web]\nport = 0"""\nnam = 1'
    ).replace("# port = 8000", "port = 70000")
    found = {each.place: each.line for each in faults(tmp_path, toml)}
    assert found["election.nam"] == line_of(toml, "nam =")
    assert found["web.port"] == line_of(toml, "port = 70000")


def test_missing_sections_are_named_and_no_relay_is_refused(tmp_path: Path) -> None:
    """An empty file lacks three sections. An empty list of relays is an error at its line."""
    assert [each.place for each in faults(tmp_path, "")] == ["desk", "election", "mail"]

    toml = re.sub(r"(?m)^\[\[mail.relays\]\]\nhost.*$", "relays = []", sample())
    refused = fault(tmp_path, toml)
    assert (refused.place, refused.line) == ("mail.relays", line_of(toml, "relays"))


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """The error about a secret in the file does not repeat the secret, and says where secrets belong."""
    for old, new in (
        ('# tls = "starttls"', 'password = "s3cret"'),
        ('# tls = "starttls"', 'passwort = "s3cret"'),
        ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "postgresql://vote:s3cret@base/vote"'),
        ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "postgresql://base/v?password=s3cret"'),
        ("# throttle_networks = true", 'throttle_url = "valkey://:s3cret@192.0.2.20"'),
    ):
        toml = sample_with(old, new)

        refused = fault(tmp_path, toml)

        assert refused.line == line_of(toml, new)
        assert "s3cret" not in in_french(refused.sentence())


def test_a_wrong_variable_is_refused_by_its_name(tmp_path: Path) -> None:
    """The error about a wrong variable contains its name but no line, and does not repeat a secret."""
    for variable, value, allowed in (
        ("RETROUVE_WEB__PORT", "many", "port = 8000"),
        ("RETROUVE_MAIL__SENDR", "x", "peut-être sender"),
        ("RETROUVE_WEB__ALLOWED_HOSTS", "a,b", "JSON"),
        ("RETROUVE_MAIL__RELAYS", '[{"host": "a b"}]', "sans https://"),
        (
            "RETROUVE_SMS__GATEWAYS",
            '[{"url": "http://a:s3cret@b/c", "username": "a", "sender": "abc", "password": "x"}]',
            "sans mot de passe",
        ),
        ("RETROUVE_DATABSE_URL", "postgresql://base/vote", "RETROUVE_DATABASE_URL"),
        ("RETROUVE_DATABASE_URL", "mysql://vote:s3cret@base/vote", "sqlite"),
        ("RETROUVE_THROTTLE_URL", "redis://:s3cret@192.0.2.20", "valkey://"),
    ):
        refused = fault(tmp_path, sample(), {variable: value})

        assert refused.line is None
        assert refused.place.startswith(variable)
        assert allowed in in_french(refused.accepted) + in_french(refused.reason)
        assert "s3cret" not in in_french(refused.sentence())


def test_a_file_that_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    """An error in TOML is reported with its line. A file too deep or too long for the parser causes no traceback."""
    for toml, where in (
        ("a = 1\nb =\n", "line 2"),
        ("[a\n", "line 1"),
        ("a = 1\na = 2\n", "line 2"),
        ("a = 2018-13-40\n", "line 1"),
        ('a = """\n\n', "end of document"),
    ):
        assert where in in_french(fault(tmp_path, toml).reason)
    for toml in ("a = " + "[" * 5000, "a = " + "1" * 5000):
        assert fault(tmp_path, toml).place == "election.toml"


def test_a_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    """The error about a missing file names the command that creates it. A file must be UTF-8."""
    with pytest.raises(SettingsRefused) as absent:
        load(tmp_path)
    (tmp_path / "election.toml").write_bytes("[élection]".encode("latin-1"))
    with pytest.raises(SettingsRefused) as latin:
        load(tmp_path)

    assert "retrouve init" in in_french(absent.value.faults[0].accepted)
    assert "UTF-8" in in_french(latin.value.faults[0].accepted)


values = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans().map(lambda value: str(value).lower()),
    st.text(st.characters(exclude_categories=["C"], exclude_characters="\\\"'")).map(lambda value: f'"{value}"'),
    st.datetimes().map(lambda value: value.isoformat()),
    st.dates(),
    st.times().map(lambda value: value.isoformat()),
    st.sampled_from(
        ["[]", "{}", "[[]]", "{a = 1}", '["a"]', "[1]", '[{host = "a"}]', '"sqlite:///"', '"a://"', '"//["']
    ),
)
settings_lines = [
    number for number, line in enumerate(uncommented_sample().splitlines()) if re.match(r"[a-z_]+ =", line)
]


@given(toml=st.text())
@example(toml="mail = [1]\npolicy = [1]\nweb = 3\nelection = ''")
@example(toml="[[election]]\n[[mail]]\n[policy.preset]")
@effort(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_settings_or_refused(tmp_path: Path, toml: str) -> None:
    """Any text is accepted as settings or raises SettingsRefused."""
    assert faults(tmp_path, toml)


@given(line=st.sampled_from(settings_lines), value=values)
@effort(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_of_any_setting_is_taken_or_refused(tmp_path: Path, line: int, value: object) -> None:
    """Any value of any setting is accepted or raises SettingsRefused with a sentence for each error."""
    lines = uncommented_sample().splitlines()
    lines[line] = f"{lines[line].partition('=')[0]}= {value}"
    (tmp_path / "relais.motdepasse").write_text("s3cret", "utf-8")

    try:
        load(write_settings(tmp_path, "\n".join(lines)))
    except SettingsRefused as refused:
        assert all(in_french(each.sentence()) for each in refused.faults)  # noqa: PT017  # either may be raised


@given(
    name=st.sampled_from(["WEB", "MAIL__RELAYS", "POLICY__PRESET", "ELECTION__VOTE_OPENS", "DEMO"]),
    value=st.text(st.characters(codec="utf-8", exclude_characters="\0")),
)
@effort(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_of_a_variable_is_taken_or_refused(tmp_path: Path, name: str, value: str) -> None:
    """Any value of a variable is accepted or raises SettingsRefused with a sentence for each error."""
    try:
        load_with(write_settings(tmp_path, sample()), {f"RETROUVE_{name}": value})
    except SettingsRefused as refused:
        assert all(in_french(each.sentence()) for each in refused.faults)  # noqa: PT017  # either may be raised


def test_hours_in_french_only_say_so_on_english_pages(tmp_path: Path) -> None:
    """English pages show the English opening hours, or say that the hours are in French."""
    words = load(write_settings(tmp_path, sample())).election_words()
    alone = words.desk_hours
    line = 'hours = "du lundi au vendredi, de 8 h à 19 h"'
    toml = sample_with(line, f'{line}\nhours_english = "8 am to 7 pm"')
    both = load(write_settings(tmp_path, toml)).election_words().desk_hours

    assert hash(words)  # pages are cached by it
    assert format_value(alone, Language.ENGLISH) == f"in French: {alone.french}"
    assert format_value(both, Language.FRENCH) == alone.french
    assert format_value(both, Language.ENGLISH) == "8 am to 7 pm"
