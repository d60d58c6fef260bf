"""`retrouve doctor` checks an election and prints one line for each check."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from click.testing import CliRunner
from pydantic import SecretStr

from cli.checks import DoctorCheckResult, DoctorCheckSeverity
from cli.checks.clocks import check_clock, check_demo_clock_offset, check_phase
from cli.checks.database import (
    check_database,
    check_roll_pseudonyms,
    check_row_tags,
    check_unsealed_lines_and_board_address,
    database_time,
)
from cli.checks.election_folder import (
    check_folder,
    check_https,
    check_identifier_protection,
    check_program_keys,
    check_site_host_allowed,
)
from cli.checks.network_services import check_relay
from cli.doctor import doctor, run_checks
from core.adapters.master_key_rotation import rotate_keys
from core.adapters.random_source import SystemRandomSource
from core.app.election_folder import open_services
from core.app.health import doctor_sentences as words
from core.app.health import site_sentences as outside
from core.app.settings import RelaySection, Settings, SmtpTlsMode, load
from core.app.settings.election_toml_template import sample
from core.delivery.journal_sealer import JournalSealer
from core.policy.calendar import ElectionPhase
from core.policy.policy import PRESETS
from core.security.key_roles import ProgramKeyRole
from core.text.faces.readiness_sentences import NO_TABLES
from core.text.text import Language
from core.text.translation import translate
from tests.support.certificate import server_context, write_certificate
from tests.support.election import NOON
from tests.support.folders import world_in
from tests.support.reissues import line
from tests.support.settings import load_with
from tests.support.smtp_server import SmtpServer
from tests.support.stores import create_tables

OK, ATTENTION, FAULT = DoctorCheckSeverity
PARIS = ZoneInfo("Europe/Paris")
VOTING = datetime(2018, 12, 1, 12, 0, tzinfo=UTC)
RelayFactory = Callable[..., RelaySection]


@pytest.fixture
def start_relay() -> Iterator[RelayFactory]:
    """Return a function that starts an SMTP server and returns its settings."""
    started: list[SmtpServer] = []

    def start(tls: SmtpTlsMode = SmtpTlsMode.NONE, **options: Any) -> RelaySection:  # noqa: ANN401  # the options of aiosmtpd
        server = SmtpServer(Sink(), **options)
        server.start()
        started.append(server)
        return RelaySection(host="127.0.0.1", port=server.port, tls=tls, timeout_seconds=50)

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    return write_certificate("127.0.0.1", tmp_path / "relay.pem")


def found(check: DoctorCheckResult) -> tuple[DoctorCheckSeverity, str]:
    return check.verdict, check.finding.msgid


def settings_with(folder: Path, **environ: str) -> Settings:
    (folder / "election.toml").write_text(sample(), "utf-8")
    return load_with(folder, {f"RETROUVE_{name}": value for name, value in environ.items()})


# ── The command ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_folder_is_reported_line_by_line(tmp_path: Path) -> None:
    """For an empty folder, doctor prints one line per failed check and exits with 1."""
    result = CliRunner().invoke(doctor, ["--dir", str(tmp_path / "none")], catch_exceptions=False)

    assert result.exit_code == 1
    assert [line.partition(" : ")[0] for line in result.output.splitlines()] == [
        "défaut – dossier",
        "défaut – clés",
        "défaut – réglages",
    ]


def test_an_election_that_can_work_ends_well(folder: Path, start_relay: RelayFactory) -> None:
    """For an election that can work, doctor exits with 0, even if some lines ask for attention."""
    toml = sample().replace('"smtp.exemple.fr"', '"127.0.0.1"\ntls = "none"')
    toml = toml.replace("# port = 587", f"port = {start_relay().port}")
    (folder / "election.toml").write_text(toml, "utf-8")

    result = CliRunner().invoke(doctor, ["--dir", str(folder)], catch_exceptions=False)

    assert result.exit_code == 0, result.output
    assert "attention – calendrier : le vote est clos depuis le jeudi 6 décembre 2018 à 17:00." in result.output


def test_every_check_has_a_complete_sentence(folder: Path) -> None:
    """Every check of doctor has a sentence that can be filled in completely."""
    (folder / "election.toml").write_text(sample().replace("smtp.exemple.fr", "127.0.0.1"), "utf-8")

    checks = list(run_checks(folder, VOTING))

    assert len(checks) == 23 + (os.geteuid() == 0)
    assert all(translate(check.sentence(), Language.FRENCH) for check in checks)


def test_each_fault_of_the_settings_is_a_line(folder: Path) -> None:
    """Doctor prints one line for each error in the settings, and leaves out the checks that need the settings."""
    toml = sample().replace("# asks_per_network = 4", "asks_per_network = 0").replace("# port = 8000", "port = 0")
    (folder / "election.toml").write_text(toml, "utf-8")

    faults = [check for check in run_checks(folder, VOTING) if check.verdict is FAULT]

    assert [check.subject for check in faults] == [words.SETTINGS, words.SETTINGS]


# ── Protected rows ───────────────────────────────────────────────────────────────────────────────────────


def test_a_row_that_somebody_else_wrote_is_a_fault(folder: Path) -> None:
    """Doctor reports a voter's row that was changed directly in the database as a fault."""
    with world_in(folder) as world:
        world.add()
    (folder / "master.key").unlink()
    (before,) = check_row_tags(folder)
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection, connection:
        connection.execute("UPDATE voters SET epoch = 9")

    (after,) = check_row_tags(folder)

    assert found(before) == (OK, words.ROWS_FINE.msgid)
    assert (after.verdict, after.remedy) == (FAULT, words.VERIFY_ROWS)


# ── The folder ───────────────────────────────────────────────────────────────────────────────────────────


def test_another_folder_is_a_fault(tmp_path: Path) -> None:
    """Doctor reports a folder without an election as a fault, without advice to change its mode."""
    (tmp_path / "anything").touch()
    tmp_path.chmod(0o755)

    check = check_folder(tmp_path)

    assert found(check) == (FAULT, "{folder} n'est pas le dossier d'une élection.")
    assert "chmod" not in translate(check.sentence(), Language.FRENCH)


def test_a_folder_that_others_can_enter_wants_attention(folder: Path) -> None:
    """Doctor asks for attention if accounts outside the owner and group of a folder can enter it."""
    assert check_folder(folder).verdict is OK
    folder.chmod(0o750)
    assert check_folder(folder).verdict is ATTENTION

    folder.chmod(0o2770)
    assert check_folder(folder).verdict is OK
    folder.chmod(0o2771)
    assert check_folder(folder).verdict is ATTENTION


def test_a_key_that_cannot_be_used_is_a_fault(folder: Path) -> None:
    """Doctor reports a key file that is missing or readable by others as a fault, but the master key may be absent."""
    assert check_program_keys(folder).verdict is OK
    (folder / "master.key").chmod(0o644)
    assert check_program_keys(folder).verdict is FAULT
    (folder / "master.key").unlink()
    assert check_program_keys(folder).verdict is OK
    (folder / "keys" / "desk.key").chmod(0o644)
    assert check_program_keys(folder).verdict is FAULT
    (folder / "keys" / "desk.key").unlink()
    assert found(check_program_keys(folder)) == (ATTENTION, words.KEYS_OF_SOME.msgid)
    rmtree(folder / "keys")
    assert check_program_keys(folder).verdict is FAULT


def test_programs_that_share_the_master_key_want_attention(folder: Path) -> None:
    """Doctor asks for attention if a role key file is missing or outdated."""
    file = folder / "keys" / "serve.key"
    before = file.read_bytes()
    rotate_keys(folder / "master.key", entropy=SystemRandomSource(), now=VOTING)
    assert check_program_keys(folder).verdict is OK
    file.write_bytes(before)
    assert found(check_program_keys(folder)) == (ATTENTION, words.KEYS_BEHIND.msgid)
    file.unlink()

    assert found(check_program_keys(folder)) == (ATTENTION, words.KEYS_NOT_APART.msgid)
    open_services(folder, ProgramKeyRole.SERVE).close()


# ── The database ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_database_at_this_version_is_well_and_unchanged(folder: Path) -> None:
    """Doctor accepts a database of this version and does not change it."""
    url = load(folder).database_url

    assert found(check_database(url)) == (OK, words.DATABASE_FINE.msgid)
    assert database_time(url) is None


def test_a_database_that_is_missing_or_none_is_a_fault(tmp_path: Path) -> None:
    """Doctor reports a database that is missing, empty, invalid or unreachable as a fault, and does not create one."""
    check = check_database(f"sqlite:///{tmp_path}/none.sqlite3")
    assert found(check) == (FAULT, words.DATABASE_MISSING.msgid)
    assert list(tmp_path.iterdir()) == []

    (tmp_path / "old.sqlite3").touch()
    assert check_database(f"sqlite:///{tmp_path}/old.sqlite3").remedy == NO_TABLES

    (tmp_path / "text.sqlite3").write_text("Liberté, égalité, fraternité. " * 100, "utf-8")
    check = check_database(f"sqlite:///{tmp_path}/text.sqlite3")
    assert found(check) == (FAULT, words.DATABASE_CAUSE.msgid)

    check = check_database("postgresql+psycopg://vote@127.0.0.1:1/vote?connect_timeout=1")

    assert found(check) == (FAULT, words.DATABASE_UNREACHABLE.msgid)


def test_a_locked_database_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doctor reports a database that another process has locked, because it cannot be written to."""
    monkeypatch.setattr("core.adapters.sql.engine.BUSY_SECONDS", 0)
    url = load(folder).database_url
    create_tables(url)
    holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    check = check_database(url)

    holder.close()
    assert found(check) == (FAULT, words.DATABASE_READ_ONLY.msgid)


# ── Mail servers ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_relay_is_asked_for_tls_and_for_the_account(
    start_relay: RelayFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor reports a mail server that is unreachable, has no STARTTLS or refuses the account.

    It prints no password.
    """
    assert found(check_relay(start_relay(), hello="vote.example")) == (OK, words.RELAY_IN_CLEAR_HERE.msgid)

    closed = start_relay().model_copy(update={"port": 1})
    assert found(check_relay(closed, hello="vote.example")) == (FAULT, words.RELAY_UNREACHABLE.msgid)

    check = check_relay(start_relay(SmtpTlsMode.STARTTLS), hello="vote.example")
    assert found(check) == (FAULT, words.RELAY_WITHOUT_STARTTLS.msgid)

    def refuse(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, _given: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    relay = start_relay(authenticator=refuse, auth_require_tls=False)
    account = {"username": "vote", "password": SecretStr("s3cret")}

    check = check_relay(relay.model_copy(update=account), hello="vote.example")

    assert found(check) == (FAULT, words.RELAY_REFUSES.msgid)
    assert "s3cret" not in translate(check.sentence(), Language.FRENCH)

    plain = start_relay()
    monkeypatch.setattr("cli.checks.network_services._on_this_machine", lambda _host: False)

    assert found(check_relay(plain, hello="vote.example")) == (ATTENTION, words.RELAY_IN_CLEAR.msgid)


@pytest.mark.parametrize("tls", [SmtpTlsMode.STARTTLS, SmtpTlsMode.IMPLICIT])
def test_a_certificate_is_checked(
    start_relay: RelayFactory, certificate: Path, monkeypatch: pytest.MonkeyPatch, tls: SmtpTlsMode
) -> None:
    """Doctor reports a mail server whose certificate this machine does not trust as a fault."""
    option = "tls_context" if tls is SmtpTlsMode.STARTTLS else "ssl_context"
    relay = start_relay(tls, **{option: server_context(certificate)})

    assert found(check_relay(relay, hello="vote.example")) == (FAULT, words.RELAY_UNTRUSTED.msgid)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert found(check_relay(relay, hello="vote.example")) == (OK, words.RELAY_FINE.msgid)


def test_keys_that_a_command_gives_are_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If `key_command` is set, doctor checks the keys that it prints."""
    (folder / "keys").rename(folder / "vault")
    (folder / "master.key").rename(folder / "vault/master.key")
    assert check_program_keys(folder).verdict is FAULT

    monkeypatch.setenv("RETROUVE_KEY_COMMAND", f'["cat", "{folder}/vault/{{role}}.key"]')

    assert found(check_program_keys(folder)) == (OK, words.KEYS_BY_COMMAND.msgid)


def test_a_certificate_that_ends_soon_is_told(
    start_relay: RelayFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor asks for attention if a mail server's certificate expires within two weeks."""
    file = write_certificate("127.0.0.1", tmp_path / "ending.pem", days=13)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    relay = start_relay(SmtpTlsMode.STARTTLS, tls_context=server_context(file))

    assert found(check_relay(relay, hello="vote.example")) == (ATTENTION, outside.EXPIRES.msgid)


# ── Clock and calendar ───────────────────────────────────────────────────────────────────────────────────


def test_a_clock_is_compared_with_the_databases_and_with_this_software() -> None:
    """Doctor asks for attention if the clock differs from the database's by more than two seconds.

    A clock that is earlier than this software is a fault.
    """
    assert check_clock(VOTING, VOTING - timedelta(seconds=2), zone=PARIS).verdict is OK
    assert check_clock(VOTING, VOTING + timedelta(seconds=3), zone=PARIS).verdict is ATTENTION
    assert check_clock(VOTING, None, zone=PARIS).verdict is OK

    assert check_clock(datetime(1970, 1, 1, tzinfo=UTC), None, zone=PARIS).verdict is FAULT

    shift = timedelta(days=1)
    assert [check.verdict for check in check_demo_clock_offset(VOTING, zone=PARIS, demo=False, offset=shift)] == [
        ATTENTION
    ]
    assert not list(check_demo_clock_offset(VOTING, zone=PARIS, demo=True, offset=shift))
    assert not list(check_demo_clock_offset(VOTING, zone=PARIS, demo=False, offset=timedelta()))


def test_the_calendar_check_names_the_phase(folder: Path) -> None:
    """Doctor names the phase of the election, and asks for attention after the vote has closed."""
    calendar = settings_with(folder).calendar()
    for now, phase, verdict in (
        (datetime(2018, 11, 1, tzinfo=UTC), ElectionPhase.BEFORE, OK),
        (datetime(2018, 11, 20, tzinfo=UTC), ElectionPhase.OPEN, OK),
        (VOTING, ElectionPhase.VOTING, OK),
        (datetime(2018, 12, 6, 15, 45, tzinfo=UTC), ElectionPhase.LAST_MINUTES, OK),
        (datetime(2018, 12, 6, 16, 0, tzinfo=UTC), ElectionPhase.CLOSED, ATTENTION),
    ):
        check = check_phase(calendar, now)
        assert found(check) == (verdict, words.PHASES[phase].msgid)
        assert "2018" in translate(check.sentence(), Language.FRENCH)


# ── The site ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_site_without_https_wants_attention(folder: Path) -> None:
    """Doctor asks for attention if the site does not use https."""
    assert check_https(settings_with(folder)).verdict is OK
    assert check_https(settings_with(folder, ELECTION__SITE="http://vote.example")).verdict is ATTENTION


def test_the_host_name_of_the_site_must_be_allowed(folder: Path) -> None:
    """Doctor reports a fault if the allowed hosts do not include the site's own name."""
    for hosts, verdict in (
        ('["vote.exemple.fr"]', OK),
        ('[".exemple.fr"]', OK),
        ('["localhost"]', FAULT),
        ('["exemple.fr"]', FAULT),
    ):
        assert check_site_host_allowed(settings_with(folder, WEB__ALLOWED_HOSTS=hosts)).verdict is verdict, hosts


# ── The journal ──────────────────────────────────────────────────────────────────────────────────────────


def verdicts(folder: Path, now: datetime, **board: str) -> list[tuple[DoctorCheckSeverity, str]]:
    settings = load(folder)
    told = settings.model_copy(update={"board": settings.board.model_copy(update=board)})
    return [
        (check.verdict, translate(check.sentence(), Language.FRENCH, short_times=True))
        for check in check_unsealed_lines_and_board_address(told, now)
    ]


def test_a_journal_that_nobody_seals_is_reported(folder: Path) -> None:
    """Doctor reports a journal line that has waited more than a minute for its seal."""
    with world_in(folder) as world:
        world.ask()

        assert verdicts(folder, NOON + timedelta(minutes=1), email="board@vote.example") == [
            (OK, "bon – journal : rien n'attend son sceau, et aucun point de contrôle n'a encore été fait.")
        ]
        ((verdict, sentence),) = verdicts(folder, NOON + timedelta(hours=1), email="board@vote.example")
        assert verdict is ATTENTION
        assert "des lignes attendent leur sceau depuis le vendredi 30 novembre 2018 à 12:00" in sentence

        notary = JournalSealer(dependencies=world.dependencies, board=None)
        notary.seal()
        notary.publish_checkpoint(at_once=True)
        notary.seal()
        ((verdict, sentence),) = verdicts(folder, NOON + timedelta(hours=1), email="board@vote.example")
    assert (verdict, "le dernier point de contrôle est le n° 1" in sentence) == (OK, True)


def test_a_roll_of_another_platform_key_is_reported(folder: Path) -> None:
    """Doctor reports a roll that was imported under another key of the voting platform as a fault."""
    with world_in(folder) as world:
        world.add(line(world))
        assert [check.verdict for check in check_roll_pseudonyms(folder)] == [OK]
        world.add(line(world, "other@ac-lumiere.example", pseudonym=b"of another key"))

        (check,) = check_roll_pseudonyms(folder)

    said = translate(check.sentence(), Language.FRENCH)
    assert check.verdict is FAULT
    assert "1 personne a été importée sous une autre clé" in said
    assert "retrouve roll import" in said


def test_checkpoints_sent_to_nobody_are_reported(folder: Path) -> None:
    """Doctor asks for attention if the settings have no address of the electoral board."""
    said = verdicts(folder, NOON)

    assert [verdict for verdict, _ in said] == [OK, ATTENTION]
    assert "email dans [board]" in said[1][1]

    (folder / "retrouve.sqlite3").unlink()
    (folder / "retrouve.sqlite3").touch()

    assert verdicts(folder, NOON) == []


def test_what_a_preset_does_not_protect_against_is_one_line() -> None:
    """Doctor asks for attention if the preset 2018 sends identifiers without a confirmation in the mailbox."""
    before, now = check_identifier_protection(PRESETS["2018"]), check_identifier_protection(PRESETS["2026"])

    said = [translate(check.sentence(), Language.FRENCH) for check in (before, now)]

    assert [before.verdict, now.verdict] == [ATTENTION, OK]
    assert said[0].startswith("attention – identité : rien n'arrête quelqu'un qui a le mot de passe d'une personne")
    assert "confirm_in_mailbox = true" in said[0]
    assert "qui lit la messagerie d'une personne" in said[1]
    assert all("\n" not in each for each in said)
