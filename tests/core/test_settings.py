"""election.toml and the variables RETROUVE_*."""

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

from core.i18n import say
from core.policy import PRESETS, Policy
from core.settings import Fault, Settings, SettingsRefused, Tls, load
from core.settings.sample import everything, sample, with_defaults
from core.settings.sections import GatewaySection, RelaySection
from core.text import Language, Text

NOTHING: Mapping[str, str] = {}


def put(folder: Path, toml: str) -> Path:
    """The folder with that file in it."""
    (folder / "election.toml").write_text(toml, "utf-8")
    return folder


def changed(old: str, new: str) -> str:
    """The sample with one line changed."""
    assert sample().count(f"\n{old}\n") == 1
    return sample().replace(f"\n{old}\n", f"\n{new}\n")


def line_of(toml: str, start: str) -> int:
    """The line of the file that starts so."""
    return next(number for number, line in enumerate(toml.splitlines(), start=1) if line.startswith(start))


def faults(folder: Path, toml: str, environ: Mapping[str, str] = NOTHING) -> tuple[Fault, ...]:
    """What is refused there."""
    with pytest.raises(SettingsRefused) as refused:
        load(put(folder, toml), environ)
    return refused.value.faults


def fault(folder: Path, toml: str, environ: Mapping[str, str] = NOTHING) -> Fault:
    """The only thing refused there."""
    (only,) = faults(folder, toml, environ)
    return only


def said(text: Text | str) -> str:
    """As an operator reads it."""
    return say(text, Language.FRENCH) if isinstance(text, Text) else text


# ── The sample ───────────────────────────────────────────────────────────────────────────────────────────


def named(model: type[BaseModel]) -> set[str]:
    """The settings of a section, by the names of the file; a secret has no place in it."""
    return {each.alias or name for name, each in model.model_fields.items()} - {"password", "inbound_secret"}


def test_the_sample_loads_and_says_what_it_says(tmp_path: Path) -> None:
    """What `retrouve init` copies can be used as it is."""
    settings = load(put(tmp_path, sample()), NOTHING)

    assert settings.policy() == PRESETS["2018"]
    assert settings.calendar().vote_closes == datetime(2018, 12, 6, 16, 0, tzinfo=UTC)
    assert settings.election_words().site == "https://vote.exemple.fr"
    assert settings.web.allowed_hosts == ("vote.exemple.fr", "localhost", "127.0.0.1", "[::1]")
    assert settings.mail.bounce_domain == "vote.exemple.fr"
    assert settings.database_url == f"sqlite:///{tmp_path}/retrouve.sqlite3"


def test_the_sample_names_every_setting_and_no_other() -> None:
    """Written out or commented out, section by section; every number of the policy is in it."""
    tree: dict[str, Any] = tomllib.loads(everything())

    assert set(tree) == named(Settings)
    for section in ("election", "desk", "web", "metrics", "mail", "sms"):
        model = Settings.model_fields[section].annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        assert set(tree[section]) == named(model)
    assert set(tree["policy"]) == {"preset", *(each.name for each in fields(Policy))}
    assert set(tree["mail"]["relays"][0]) == named(RelaySection)
    assert set(tree["sms"]["gateways"][0]) == named(GatewaySection)


def test_the_samples_commented_values_are_the_defaults(tmp_path: Path) -> None:
    """Taking the sharps away changes nothing."""
    assert with_defaults() != sample()
    assert load(put(tmp_path, with_defaults()), NOTHING) == load(put(tmp_path, sample()), NOTHING)


def test_every_default_of_the_policy_is_in_the_sample_as_a_default() -> None:
    """A default shown as an example would escape the test above."""
    assert set(tomllib.loads(with_defaults())["policy"]) == set(tomllib.loads(everything())["policy"])


# ── What is taken ────────────────────────────────────────────────────────────────────────────────────────


def test_a_preset_is_the_base_of_what_is_written_over_it(tmp_path: Path) -> None:
    """One number changed, the others those of 2026."""
    toml = changed('# preset = "2018"', 'preset = "2026"\nlinks_alive = 5')

    policy = load(put(tmp_path, toml), NOTHING).policy()

    assert (policy.password_minimum_length, policy.password_maximum_length, policy.links_alive) == (12, 128, 5)


def test_a_variable_counts_over_the_file(tmp_path: Path) -> None:
    """In a section, in the policy, on the first level, and a list in JSON."""
    environ = {
        "RETROUVE_MAIL__SENDER": "Vote <vote@ac-lumiere.example>",
        "RETROUVE_POLICY__LINKS_ALIVE": "7",
        "RETROUVE_DATABASE_URL": "postgresql+psycopg://vote:secret@base/vote",
        "RETROUVE_WEB__ALLOWED_HOSTS": '["vote.ac-lumiere.example"]',
        "RETROUVE_THROTTLE_NETWORKS": "false",
        "RETROUVE_LOG_LEVEL": "",
        "RETROUVE_LANGUAGE": "en",
        "HOME": "elsewhere",
    }

    settings = load(put(tmp_path, sample()), environ)

    assert (settings.mail.sender.name, settings.mail.sender.address) == ("Vote", "vote@ac-lumiere.example")
    assert settings.policy().links_alive == 7
    assert settings.database_url == "postgresql+psycopg://vote:secret@base/vote"
    assert settings.web.allowed_hosts == ("vote.ac-lumiere.example",)
    assert not settings.throttle_networks
    assert settings.log_level == "info"


def test_without_an_environment_given_the_process_s_own_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server."""
    monkeypatch.setenv("RETROUVE_WEB__PORT", "8123")

    assert load(put(tmp_path, sample())).web.port == 8123


def test_dates_without_an_offset_are_taken_in_the_zone(tmp_path: Path) -> None:
    """Ten in the morning in Nouméa is still the evening before in Paris; a date with an offset keeps its instant."""
    toml = changed('# zone = "Europe/Paris"', 'zone = "Pacific/Noumea"').replace(
        "vote_closes = 2018-12-06T17:00:00", "vote_closes = 2018-12-06T17:00:00+01:00"
    )

    calendar = load(put(tmp_path, toml), NOTHING).calendar()

    assert calendar.vote_opens == datetime(2018, 11, 28, 23, 0, tzinfo=UTC)
    assert calendar.vote_closes == datetime(2018, 12, 6, 16, 0, tzinfo=UTC)
    assert calendar.vote_closes.hour == 3
    assert calendar.last_minutes == timedelta(minutes=30)


def test_a_relay_s_password_is_read_from_its_file(tmp_path: Path) -> None:
    """The line without its end; and no text of the settings shows it."""
    (tmp_path / "relay.password").write_text("s3cret \n", "utf-8")
    toml = changed('# tls = "starttls"', 'tls = "implicit"\nusername = "vote"\npassword_file = "relay.password"')

    settings = load(put(tmp_path, toml), NOTHING)

    (relay,) = settings.mail.relays
    assert relay.tls is Tls.IMPLICIT
    assert relay.password is not None
    assert relay.password.get_secret_value() == "s3cret "
    assert "s3cret" not in repr(settings)


def test_a_relay_s_password_may_come_from_the_environment(tmp_path: Path) -> None:
    """The list of relays as JSON, in one variable."""
    environ = {"RETROUVE_MAIL__RELAYS": '[{"host": "smtp", "username": "vote", "password": "s3cret"}]'}

    (relay,) = load(put(tmp_path, sample()), environ).mail.relays

    assert relay.password is not None
    assert relay.password.get_secret_value() == "s3cret"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    """Some editors write both."""
    toml = changed("# links_alive = 3", "links_alive = 0").replace("\n", "\r\n")
    (tmp_path / "election.toml").write_bytes(b"\xef\xbb\xbf" + toml.encode())

    with pytest.raises(SettingsRefused) as refused:
        load(tmp_path, NOTHING)

    assert [each.line for each in refused.value.faults] == [line_of(toml, "links_alive")]


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_is_one_sentence_with_all_one_needs() -> None:
    """Line, place, value, reason, what is allowed; line 1024 is not "1 024"."""
    refused = Fault(1024, "policy.links_alive", "0", Text("Trop petit."), "1 ou plus")

    assert (
        said(refused.sentence())
        == "election.toml, ligne 1024 : policy.links_alive = 0. Trop petit. Permis : 1 ou plus."
    )


GATEWAY = ("[[sms.gateways]]", 'url = "http://127.0.0.1:13013/sms"', 'sender = "38000"', 'username = "retrouve"')
NETWORKS = '# callback_networks = ["127.0.0.0/8", "::1/128"]'


def gateway(wrong: str) -> str:
    """A gateway's section whose last line is wrong."""
    name = wrong.partition(" ")[0]
    return "\n".join([*(line for line in GATEWAY if not line.startswith(name)), wrong])


WRONG = [
    ("# links_alive = 3", "links_alive = 0", "policy.links_alive", "au moins 1"),
    ("# links_alive = 3", "links_alive = true", "policy.links_alive", "links_alive = 3"),
    ("# links_alive = 3", 'links_alive = "trois"', "policy.links_alive", "links_alive = 3"),
    ("# links_alive = 3", "links_alive = 2.5", "policy.links_alive", "links_alive = 3"),
    ("# links_alive = 3", "links_alive = nan", "policy.links_alive", "links_alive = 3"),
    ("# links_alive = 3", "link_alive = 3", "policy.link_alive", "peut-être links_alive"),
    ("# links_alive = 3", "zzz = 3", "policy.zzz", "retrouve init"),
    ("# password_strength = 0", "password_strength = 5", "policy.password_strength", "au plus 4"),
    (
        "# password_unicode_letters = false",
        'password_unicode_letters = "é"',
        "policy.password_unicode_letters",
        "false",
    ),
    ('# preset = "2018"', 'preset = "2019"', "policy.preset", '"2018", "2026"'),
    ("# password_minimum_length = 8", "password_minimum_length = 25", "policy.password_minimum_length", "inférieur"),
    ("# link_valid_minutes = 240", "link_valid_minutes = 5", "policy.link_valid_minutes", "inférieur"),
    ('site = "https://vote.exemple.fr"', 'site = "https://vote.exemple.fr/"', "election.site", "barre finale"),
    ('site = "https://vote.exemple.fr"', 'site = "vote.exemple.fr"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', 'site = "ftp://vote.exemple.fr"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', 'site = "https://a:b@vote.exemple.fr"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', 'site = "https://vote.exemple.fr:99999"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', 'site = "https://[::1"', "election.site", "https://"),
    ('site = "https://vote.exemple.fr"', f'site = "https://{"w" * 51}"', "election.site", "50"),
    ('site = "https://vote.exemple.fr"', 'site = "https://élections.fr"', "election.site", "xn--"),
    ('# zone = "Europe/Paris"', 'zone = "Europe/Pariss"', "election.zone", "IANA"),
    ('# zone = "Europe/Paris"', 'zone = "../../etc"', "election.zone", "IANA"),
    ("vote_opens = 2018-11-29T10:00:00", "vote_opens = 2018-11-05T09:00:00", "election.vote_opens", "puis"),
    ("vote_closes = 2018-12-06T17:00:00", "vote_closes = 2018-11-20T17:00:00", "election.vote_closes", "clôture"),
    ("vote_opens = 2018-11-29T10:00:00", "vote_opens = 20181129", "election.vote_opens", "2018-11-29T10:00:00"),
    ("vote_closes = 2018-12-06T17:00:00", "vote_closes = 9999-12-31T23:59:59", "election.vote_closes", "2100"),
    ("vote_opens = 2018-11-29T10:00:00", "vote_opens = 0001-01-01T00:00:00+14:00", "election.vote_opens", "2000"),
    ('name = "Élections professionnelles 2018"', 'name = " "', "election.name", "au moins"),
    ('name = "Élections professionnelles 2018"', 'name = "a\\nb"', "election.name", "caractères"),
    ('name = "Élections professionnelles 2018"', "# nothing", "election.name", 'name = "Élections'),
    ('email = "assistance@vote.exemple.fr"', 'email = "assistance"', "desk.email", "une seule adresse"),
    ('# host = "127.0.0.1"\n# port = 8000', 'host = "http://127.0.0.1"', "web.host", "sans https://"),
    ("# port = 8000", "port = 70000", "web.port", "au plus 65"),
    ("# workers = 2", "workers = true", "web.workers", "workers = 2"),
    ("# trusted_proxies = []", 'trusted_proxies = ["10.0.0.1/8"]', "web.trusted_proxies[1]", "CIDR"),
    ("# trusted_proxies = []", 'trusted_proxies = "10.0.0.0/8"', "web.trusted_proxies", "trusted_proxies = []"),
    ('# bounce_local_part = "retour"', 'bounce_local_part = "a+b"', "mail.bounce_local_part", "tirets"),
    ('# tls = "starttls"', 'tls = "ssl"', "mail.relays[1].tls", '"none", "starttls", "implicit"'),
    ('# tls = "starttls"', 'username = "vote"', "mail.relays[1].username", "password_file"),
    ('# tls = "starttls"', 'password_file = "x"', "mail.relays[1].password_file", "username"),
    ('# tls = "starttls"', 'username = "vote"\npassword_file = "x"', "mail.relays[1].password_file", "lisible"),
    ('# log_level = "info"', 'log_level = "loud"', "log_level", '"info"'),
    ("# demo = false", "demo = 3", "demo", "demo = false"),
    ("# demo = false", "[demo]", "demo", "demo = false"),
    ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "mysql://base/vote"', "database_url", "sqlite"),
    ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "sqlite://"', "database_url", "sqlite"),
    ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "nothing"', "database_url", "sqlite"),
    ("# throttle_networks = true", 'throttle_url = "redis://192.0.2.20"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey://"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey://192.0.2.20:many"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey://192.0.2.20/first"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey://192.0.2.20?db=1"', "throttle_url", "valkey://"),
    ("# throttle_networks = true", 'throttle_url = "valkey+unix://"', "throttle_url", "valkey://"),
    (NETWORKS, 'callback_networks = ["10.0.0.1/8"]', "sms.callback_networks[1]", "CIDR"),
    (NETWORKS, 'callbacks = "http://10.0.0.2:8000/sms"', "sms.callbacks", "sans chemin"),
    (NETWORKS, 'inbound_secret = "open"', "sms.inbound_secret", "inbound_secret_file"),
    (NETWORKS, 'inbound_secret_file = "missing"', "sms.inbound_secret_file", "lisible"),
    (NETWORKS, gateway('url = "http://127.0.0.1:13013"'), "sms.gateways[1].url", "sendsms"),
    (NETWORKS, gateway('url = "http://vote:open@127.0.0.1/cgi-bin/sendsms"'), "sms.gateways[1].url", "sendsms"),
    (NETWORKS, gateway('sender = "Élections"'), "sms.gateways[1].sender", "accent"),
    (NETWORKS, gateway('username = "retrouve"'), "sms.gateways[1].username", "password_file"),
    (NETWORKS, gateway('password_file = "missing"'), "sms.gateways[1].password_file", "lisible"),
    (NETWORKS, gateway('password = "open"'), "sms.gateways[1].password", "password_file"),
    ('# host = "127.0.0.1"\n# Exemple : serve_port = 9101', "serve_port = 0", "metrics.serve_port", "au moins 1"),
]


@pytest.mark.parametrize(("old", "new", "place", "allowed"), WRONG, ids=[new for _, new, _, _ in WRONG])
def test_a_wrong_value_is_refused_with_its_line_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, place: str, allowed: str
) -> None:
    """One fault, at the line where the value stands (for a missing one, at its section)."""
    toml = changed(old, new)

    refused = fault(tmp_path, toml)

    assert refused.place == place
    assert refused.line in {
        line_of(toml, new.splitlines()[-1]),
        line_of(toml, new.splitlines()[0]),
        line_of(toml, "[election]"),
    }
    assert allowed in said(refused.allowed)
    assert said(refused.sentence()).startswith(f"election.toml, ligne {refused.line} : {place}")


def test_every_fault_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Mending one by one is tiring."""
    toml = changed("# links_alive = 3", "links_alive = 0\nsession_minutes = 0\nzzz = 1").replace(
        'host = "smtp.exemple.fr"', 'host = "smtp exemple"'
    )

    found = faults(tmp_path, toml)

    assert [each.place for each in found] == [
        "policy.links_alive",
        "policy.session_minutes",
        "policy.zzz",
        "mail.relays[1].host",
    ]
    assert [each.line for each in found] == [
        line_of(toml, start) for start in ("links_alive", "session_minutes", "zzz", 'host = "smtp e')
    ]


def test_the_second_relay_s_fault_is_at_the_second_relay_s_line(tmp_path: Path) -> None:
    """Not at the first line that reads the same."""
    toml = sample() + 'port = 25\n[[mail.relays]]\nhost = "b"\nport = 0\n[[mail.relays]]\nhost = "c"\nport = 25\n'

    refused = fault(tmp_path, toml)

    assert (refused.place, refused.line) == ("mail.relays[2].port", line_of(toml, "port = 0"))


def test_what_a_long_text_says_is_not_taken_for_settings(tmp_path: Path) -> None:
    """Lines between triple quotes look like settings and are none."""
    toml = changed(
        'name = "Élections professionnelles 2018"', 'name = """\\\nport = 0\n[web]\nport = 0"""\nnam = 1'
    ).replace("# port = 8000", "port = 70000")

    found = {each.place: each.line for each in faults(tmp_path, toml)}

    assert found["election.nam"] == line_of(toml, "nam =")
    assert found["web.port"] == line_of(toml, "port = 70000")


def test_a_section_left_out_is_told_by_its_name(tmp_path: Path) -> None:
    """An empty file lacks three."""
    assert [each.place for each in faults(tmp_path, "")] == ["desk", "election", "mail"]


def test_no_relay_at_all_is_refused(tmp_path: Path) -> None:
    """A service that cannot send is of no use."""
    toml = re.sub(r"(?m)^\[\[mail.relays\]\]\nhost.*$", "relays = []", sample())

    refused = fault(tmp_path, toml)

    assert (refused.place, refused.line) == ("mail.relays", line_of(toml, "relays"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('# tls = "starttls"', 'password = "s3cret"'),
        ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "postgresql://vote:s3cret@base/vote"'),
        ('# database_url = "sqlite:///retrouve.sqlite3"', 'database_url = "postgresql://base/v?password=s3cret"'),
        ("# throttle_networks = true", 'throttle_url = "valkey://:s3cret@192.0.2.20"'),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, old: str, new: str) -> None:
    """The file is copied and shown; the refusal says where secrets go."""
    toml = changed(old, new)

    refused = fault(tmp_path, toml)

    assert refused.line == line_of(toml, new)
    assert "s3cret" not in said(refused.sentence())


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("RETROUVE_WEB__PORT", "many", "port = 8000"),
        ("RETROUVE_MAIL__SENDR", "x", "peut-être sender"),
        ("RETROUVE_WEB__ALLOWED_HOSTS", "a,b", "JSON"),
        ("RETROUVE_MAIL__RELAYS", '[{"host": "a b"}]', "sans https://"),
        ("RETROUVE_DATABSE_URL", "postgresql://base/vote", "RETROUVE_DATABASE_URL"),
        ("RETROUVE_DATABASE_URL", "mysql://vote:s3cret@base/vote", "sqlite"),
        ("RETROUVE_THROTTLE_URL", "redis://:s3cret@192.0.2.20", "valkey://"),
    ],
)
def test_a_wrong_variable_is_refused_by_its_name(tmp_path: Path, variable: str, value: str, allowed: str) -> None:
    """It has no line, and its secret is not repeated."""
    refused = fault(tmp_path, sample(), {variable: value})

    assert refused.line is None
    assert refused.place.startswith(variable)
    assert allowed in said(refused.allowed) + said(refused.reason)
    assert "s3cret" not in said(refused.sentence())


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("a = 1\nb =\n", 2),
        ("[a\n", 1),
        ("a = 1\na = 2\n", 2),
        ("a = 2018-13-40\n", 1),
        ('a = """\n\n', 3),
        ("a = [", 1),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path, toml: str, line: int) -> None:
    """Whatever TOML's reader says in English."""
    assert fault(tmp_path, toml).line == line


@pytest.mark.parametrize("toml", ["a = " + "[" * 5000, "a = " + "1" * 5000])
def test_what_tires_the_reader_is_refused_too(tmp_path: Path, toml: str) -> None:
    """Too deep, too long: no traceback."""
    assert fault(tmp_path, toml).place == "election.toml"


def test_a_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    """And the first says who makes it."""
    with pytest.raises(SettingsRefused) as absent:
        load(tmp_path, NOTHING)
    (tmp_path / "election.toml").write_bytes("[élection]".encode("latin-1"))
    with pytest.raises(SettingsRefused) as latin:
        load(tmp_path, NOTHING)

    assert "retrouve init" in said(absent.value.faults[0].allowed)
    assert "UTF-8" in said(latin.value.faults[0].reason)


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
settings_lines = [number for number, line in enumerate(everything().splitlines()) if re.match(r"[a-z_]+ =", line)]


@given(toml=st.text())
@example(toml="mail = [1]\npolicy = [1]\nweb = 3\nelection = ''")
@example(toml="[[election]]\n[[mail]]\n[policy.preset]")
@effort(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_settings_or_refused(tmp_path: Path, toml: str) -> None:
    """Nothing but SettingsRefused comes out."""
    assert faults(tmp_path, toml)


@given(line=st.sampled_from(settings_lines), value=values)
@effort(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_of_any_setting_is_taken_or_refused(tmp_path: Path, line: int, value: object) -> None:
    """Nothing but SettingsRefused comes out, and each refusal can be said."""
    lines = everything().splitlines()
    lines[line] = f"{lines[line].partition('=')[0]}= {value}"
    (tmp_path / "relais.motdepasse").write_text("s3cret", "utf-8")

    try:
        load(put(tmp_path, "\n".join(lines)), NOTHING)
    except SettingsRefused as refused:
        assert all(said(each.sentence()) for each in refused.faults)  # noqa: PT017  # either may come


@given(name=st.sampled_from(["WEB", "MAIL__RELAYS", "POLICY__PRESET", "ELECTION__VOTE_OPENS", "DEMO"]), value=st.text())
@effort(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_of_a_variable_is_taken_or_refused(tmp_path: Path, name: str, value: str) -> None:
    """Likewise for what the environment says."""
    try:
        load(put(tmp_path, sample()), {f"RETROUVE_{name}": value})
    except SettingsRefused as refused:
        assert all(said(each.sentence()) for each in refused.faults)  # noqa: PT017  # either may come


def test_hours_in_french_only_say_so_on_english_pages(tmp_path: Path) -> None:
    """Whoever reads them is not left to wonder; an election that has English ones shows those."""
    alone = load(put(tmp_path, sample())).election_words().desk_hours
    line = 'hours = "du lundi au vendredi, de 8 h à 19 h"'
    both = load(put(tmp_path, changed(line, f'{line}\nhours_english = "8 am to 7 pm"'))).election_words().desk_hours

    assert alone.english == f"in French: {alone.french}"
    assert (both.french, both.english) == (alone.french, "8 am to 7 pm")
