"""`retrouve doctor`."""

import socket
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from cli.checks import Check, Verdict
from cli.checks.database import check_database, database_time
from cli.checks.folder import check_folder, check_keys
from cli.checks.journal import check_journal
from cli.checks.moments import check_calendar, check_clock, check_offset
from cli.checks.relays import check_relay
from cli.checks.roll import check_roll
from cli.checks.site import check_hosts, check_site
from cli.doctor import doctor, examine
from core.adapters.sql.engine import open_engine
from core.adapters.sql.schema import upgrade
from core.courier.notary import Notary
from core.i18n import say
from core.policy import Phase
from core.settings import RelaySection, Settings, Tls, load
from core.settings.sample import sample
from core.text import Language
from core.words import doctor as words
from tests.support.election import NOON
from tests.support.folders import at_work, copied_folder
from tests.support.reissues import line

PARIS = ZoneInfo("Europe/Paris")
VOTING = datetime(2018, 12, 1, 12, 0, tzinfo=UTC)
RelayFactory = Callable[..., RelaySection]


@pytest.fixture(autouse=True)
def _french_and_nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new election's."""
    return copied_folder(tmp_path / "election")


def free_port() -> int:
    """One that nothing listens on; aiosmtpd cannot choose its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def start_relay() -> Iterator[RelayFactory]:
    """Starts SMTP servers on this machine and describes them; stops them after."""
    started: list[Controller] = []

    def start(tls: Tls = Tls.NONE, **options: Any) -> RelaySection:  # noqa: ANN401  # aiosmtpd's own options
        port = free_port()
        controller = Controller(Sink(), hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return RelaySection(host="127.0.0.1", port=port, tls=tls, timeout_seconds=2)

    yield start
    for controller in started:
        controller.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """For 127.0.0.1, signed by nobody but itself; the key is in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "relay.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def server_tls(certificate: Path) -> ssl.SSLContext:
    """What a relay with that certificate uses."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def found(check: Check) -> tuple[Verdict, str]:
    """The verdict, and the finding's French before its names are filled."""
    return check.verdict, check.finding.msgid


def settings_with(folder: Path, **environ: str) -> Settings:
    """The sample's, with these variables."""
    (folder / "election.toml").write_text(sample(), "utf-8")
    return load(folder, {f"RETROUVE_{name}": value for name, value in environ.items()})


# ── The command ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_without_anything_is_at_fault_and_told_line_by_line(tmp_path: Path) -> None:
    """One line a check, and exit status 1."""
    result = CliRunner().invoke(doctor, ["--dir", str(tmp_path / "none")], catch_exceptions=False)

    assert result.exit_code == 1
    assert [line.partition(" : ")[0] for line in result.output.splitlines()] == [
        "défaut – dossier",
        "défaut – clé maîtresse",
        "défaut – réglages",
    ]


def test_an_election_that_can_work_ends_well(folder: Path, start_relay: RelayFactory) -> None:
    """Attention is no fault: here the relay is this machine's, and the vote of 2018 is closed."""
    toml = sample().replace('"smtp.exemple.fr"', '"127.0.0.1"\ntls = "none"')
    toml = toml.replace("# port = 587", f"port = {start_relay().port}")
    (folder / "election.toml").write_text(toml, "utf-8")

    result = CliRunner().invoke(doctor, ["--dir", str(folder)], catch_exceptions=False)

    assert result.exit_code == 0, result.output
    assert "attention – calendrier : le vote est clos depuis le jeudi 6 décembre 2018 à 17:00." in result.output


def test_every_check_can_be_said(folder: Path) -> None:
    """Every name in a sentence has its value."""
    (folder / "election.toml").write_text(sample().replace("smtp.exemple.fr", "127.0.0.1"), "utf-8")

    checks = list(examine(folder, VOTING))

    assert len(checks) == 13
    assert all(say(check.sentence(), Language.FRENCH) for check in checks)


def test_each_fault_of_the_settings_is_a_line(folder: Path) -> None:
    """And nothing that needs settings is looked at."""
    toml = sample().replace("# links_alive = 3", "links_alive = 0").replace("# port = 8000", "port = 0")
    (folder / "election.toml").write_text(toml, "utf-8")

    faults = [check for check in examine(folder, VOTING) if check.verdict is Verdict.FAULT]

    assert [check.subject for check in faults] == [words.SETTINGS, words.SETTINGS]


# ── The folder ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_others_can_enter_wants_attention(folder: Path) -> None:
    """Its files may be closed themselves."""
    assert check_folder(folder).verdict is Verdict.OK
    folder.chmod(0o750)

    assert check_folder(folder).verdict is Verdict.ATTENTION


def test_a_key_that_cannot_be_used_is_a_fault(folder: Path) -> None:
    """Missing, or open to others."""
    assert check_keys(folder).verdict is Verdict.OK
    (folder / "master.key").chmod(0o644)
    assert check_keys(folder).verdict is Verdict.FAULT
    (folder / "master.key").unlink()
    assert check_keys(folder).verdict is Verdict.FAULT


# ── The database ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_database_at_this_version_is_well_and_unchanged(folder: Path) -> None:
    """The attempt to write leaves no trace."""
    url = load(folder, {}).database_url

    assert found(check_database(url)) == (Verdict.OK, words.DATABASE_FINE.msgid)
    assert database_time(url) is None


def test_a_missing_database_is_a_fault_and_is_not_made(tmp_path: Path) -> None:
    """Looking must not create an empty one."""
    check = check_database(f"sqlite:///{tmp_path}/none.sqlite3")

    assert found(check) == (Verdict.FAULT, words.DATABASE_MISSING.msgid)
    assert list(tmp_path.iterdir()) == []


def test_tables_of_another_version_are_a_fault(tmp_path: Path) -> None:
    """Here there are none at all."""
    (tmp_path / "old.sqlite3").touch()

    assert check_database(f"sqlite:///{tmp_path}/old.sqlite3").finding == words.DATABASE_OLD


def test_a_file_that_is_no_database_is_a_fault(tmp_path: Path) -> None:
    """It is told as a base that does not answer."""
    (tmp_path / "text.sqlite3").write_text("Liberté, égalité, fraternité. " * 100, "utf-8")

    check = check_database(f"sqlite:///{tmp_path}/text.sqlite3")

    assert found(check) == (Verdict.FAULT, words.DATABASE_UNREACHABLE.msgid)


def test_a_server_that_is_not_there_is_a_fault() -> None:
    """Nothing listens on port 1; without its driver it is a fault as well."""
    check = check_database("postgresql+psycopg://vote@127.0.0.1:1/vote?connect_timeout=1")

    assert found(check) == (Verdict.FAULT, words.DATABASE_UNREACHABLE.msgid)


def test_a_database_held_by_another_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading works, writing does not."""
    monkeypatch.setattr("core.adapters.sql.engine.BUSY_SECONDS", 0)
    url = load(folder, {}).database_url
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    check = check_database(url)

    holder.close()
    assert found(check) == (Verdict.FAULT, words.DATABASE_READ_ONLY.msgid)


# ── The relays ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_relay_on_this_machine_may_be_in_clear(start_relay: RelayFactory) -> None:
    """It answers, and nothing travels."""
    assert found(check_relay(start_relay(), hello="vote.example")) == (Verdict.OK, words.RELAY_IN_CLEAR_HERE.msgid)


def test_a_relay_that_does_not_answer_is_a_fault(start_relay: RelayFactory) -> None:
    """Its port is known, and closed."""
    closed = start_relay().model_copy(update={"port": 1})

    assert found(check_relay(closed, hello="vote.example")) == (Verdict.FAULT, words.RELAY_UNREACHABLE.msgid)


def test_a_relay_without_starttls_is_a_fault_where_it_is_wanted(start_relay: RelayFactory) -> None:
    """Mails would never be sent in clear instead."""
    check = check_relay(start_relay(Tls.STARTTLS), hello="vote.example")

    assert found(check) == (Verdict.FAULT, words.RELAY_WITHOUT_STARTTLS.msgid)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_certificate_is_checked(
    start_relay: RelayFactory, certificate: Path, monkeypatch: pytest.MonkeyPatch, tls: Tls
) -> None:
    """Unknown, it is a fault; known to this machine, all is well."""
    option = "tls_context" if tls is Tls.STARTTLS else "ssl_context"
    relay = start_relay(tls, **{option: server_tls(certificate)})

    assert found(check_relay(relay, hello="vote.example")) == (Verdict.FAULT, words.RELAY_UNTRUSTED.msgid)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert found(check_relay(relay, hello="vote.example")) == (Verdict.OK, words.RELAY_FINE.msgid)


def test_an_account_the_relay_refuses_is_a_fault(start_relay: RelayFactory) -> None:
    """Its password is not in what is said."""

    def refuse(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, _given: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    relay = start_relay(authenticator=refuse, auth_require_tls=False)
    account = {"username": "vote", "password": SecretStr("s3cret")}

    check = check_relay(relay.model_copy(update=account), hello="vote.example")

    assert found(check) == (Verdict.FAULT, words.RELAY_REFUSES.msgid)
    assert "s3cret" not in say(check.sentence(), Language.FRENCH)


def test_a_distant_relay_in_clear_wants_attention(start_relay: RelayFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The links of voters would travel in clear."""
    relay = start_relay()
    monkeypatch.setattr("cli.checks.relays._on_this_machine", lambda _host: False)

    assert found(check_relay(relay, hello="vote.example")) == (Verdict.ATTENTION, words.RELAY_IN_CLEAR.msgid)


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_clock_is_compared_with_the_database_s() -> None:
    """Two seconds apart are tolerated, not three."""
    assert check_clock(VOTING, VOTING - timedelta(seconds=2), zone=PARIS).verdict is Verdict.OK
    assert check_clock(VOTING, VOTING + timedelta(seconds=3), zone=PARIS).verdict is Verdict.ATTENTION
    assert check_clock(VOTING, None, zone=PARIS).verdict is Verdict.OK


def test_an_impossible_year_is_a_fault() -> None:
    """A machine without a battery wakes in 1970."""
    assert check_clock(datetime(1970, 1, 1, tzinfo=UTC), None, zone=PARIS).verdict is Verdict.FAULT


def test_a_shifted_clock_wants_attention_except_in_a_demo() -> None:
    """And a clock that is not shifted is not spoken of."""
    shift = timedelta(days=1)

    assert [check.verdict for check in check_offset(VOTING, zone=PARIS, demo=False, offset=shift)] == [
        Verdict.ATTENTION
    ]
    assert check_offset(VOTING, zone=PARIS, demo=True, offset=shift) == ()
    assert check_offset(VOTING, zone=PARIS, demo=False, offset=timedelta()) == ()


@pytest.mark.parametrize(
    ("now", "phase", "verdict"),
    [
        (datetime(2018, 11, 1, tzinfo=UTC), Phase.BEFORE, Verdict.OK),
        (datetime(2018, 11, 20, tzinfo=UTC), Phase.OPEN, Verdict.OK),
        (VOTING, Phase.VOTING, Verdict.OK),
        (datetime(2018, 12, 6, 15, 45, tzinfo=UTC), Phase.LAST_MINUTES, Verdict.OK),
        (datetime(2018, 12, 6, 16, 0, tzinfo=UTC), Phase.CLOSED, Verdict.ATTENTION),
    ],
)
def test_the_calendar_says_where_it_stands(folder: Path, now: datetime, phase: Phase, verdict: Verdict) -> None:
    """Once the vote is closed, the dates may be those of another election."""
    check = check_calendar(settings_with(folder).calendar(), now)

    assert found(check) == (verdict, words.PHASES[phase].msgid)
    assert "2018" in say(check.sentence(), Language.FRENCH)


# ── The site ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_site_without_https_wants_attention(folder: Path) -> None:
    """Its cookies cannot be Secure."""
    assert check_site(settings_with(folder)).verdict is Verdict.OK
    assert check_site(settings_with(folder, ELECTION__SITE="http://vote.example")).verdict is Verdict.ATTENTION


@pytest.mark.parametrize(
    ("hosts", "verdict"),
    [
        ('["vote.exemple.fr"]', Verdict.OK),
        ('[".exemple.fr"]', Verdict.OK),
        ('["localhost"]', Verdict.FAULT),
        ('["exemple.fr"]', Verdict.FAULT),
    ],
)
def test_the_site_s_own_name_must_be_allowed(folder: Path, hosts: str, verdict: Verdict) -> None:
    """Otherwise every page would be refused."""
    assert check_hosts(settings_with(folder, WEB__ALLOWED_HOSTS=hosts)).verdict is verdict


# ── The journal ──────────────────────────────────────────────────────────────────────────────────────────


def verdicts(folder: Path, now: datetime, **board: str) -> list[tuple[Verdict, str]]:
    """What is said of it."""
    settings = load(folder)
    told = settings.model_copy(update={"board": settings.board.model_copy(update=board)})
    return [(check.verdict, say(check.sentence(), Language.FRENCH)) for check in check_journal(told, now)]


def test_a_journal_that_nobody_seals_is_told(folder: Path) -> None:
    """Since when its oldest line waits; a minute is nothing."""
    with at_work(folder) as world:
        world.ask()

        assert verdicts(folder, NOON + timedelta(minutes=1), email="board@vote.example") == [
            (Verdict.OK, "bon – journal : rien n'attend son sceau, et aucun point de contrôle n'a encore été fait.")
        ]
        ((verdict, sentence),) = verdicts(folder, NOON + timedelta(hours=1), email="board@vote.example")
        assert verdict is Verdict.ATTENTION
        assert "des lignes attendent leur sceau depuis le vendredi 30 novembre 2018 à 12:00" in sentence

        notary = Notary(tools=world.tools, board=None)
        notary.seal()
        notary.attest(at_once=True)
        notary.seal()
        ((verdict, sentence),) = verdicts(folder, NOON + timedelta(hours=1), email="board@vote.example")
    assert (verdict, "le dernier point de contrôle est le n° 1" in sentence) == (Verdict.OK, True)


def test_a_roll_of_another_key_of_the_platform_is_told(folder: Path) -> None:
    """The platform would know nobody: the roll has to be imported again."""
    with at_work(folder) as world:
        world.add(line(world))
        assert [check.verdict for check in check_roll(folder)] == [Verdict.OK]
        world.add(line(world, "other@ac-lumiere.example", pseudonym=b"of another key"))

        (check,) = check_roll(folder)

    said = say(check.sentence(), Language.FRENCH)
    assert check.verdict is Verdict.FAULT
    assert "1 personne a été importée sous une autre clé" in said
    assert "retrouve roll import" in said


def test_a_board_that_is_told_nothing_is_told(folder: Path) -> None:
    """Checkpoints that stay here prove nothing to anybody."""
    said = verdicts(folder, NOON)

    assert [verdict for verdict, _ in said] == [Verdict.OK, Verdict.ATTENTION]
    assert "email dans [board]" in said[1][1]


def test_a_database_that_is_not_ready_has_no_journal(folder: Path) -> None:
    """Another check says so."""
    (folder / "retrouve.sqlite3").unlink()
    (folder / "retrouve.sqlite3").touch()

    assert verdicts(folder, NOON) == []
