"""`retrouve keys` lists, rotates and retires the master keys."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy, copytree
from socket import gethostname
from unittest.mock import patch

import pytest
import time_machine

from cli.checks import DoctorCheckResult, DoctorCheckSeverity
from cli.checks.database import check_database_keys, check_row_tags
from core.adapters import master_key_rotation
from core.adapters.key_vault import read_key_file
from core.adapters.sql.host_heartbeats import HostHeartbeat, write_host_heartbeat
from core.adapters.sql.store import SqlStore
from core.adapters.sql.transaction import SqlTransaction
from core.app.election_folder import open_services
from core.app.health.readiness import ReadinessReport
from core.app.settings import load
from core.ports import CommitOutcomeUnknown, MessageKind, MessageState, StoreUnavailable
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole
from core.text.urls import LINK_PATH
from tests.support.commands import run
from tests.support.election import CAMILLE, GOOD, NOON, visit
from tests.support.folders import made_folder, world_in
from tests.support.post import ACCEPTS, POSTPONES, REFUSES
from tests.support.reissues import E164, Reissuer, reissuer, votes
from webhook.site_application import create_site

SetClock = Callable[[datetime], None]


@pytest.fixture(scope="module")
def election(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an election that was created at noon on its second day."""
    with patch.dict(os.environ, RETROUVE_CLOCK_OFFSET_SECONDS=str(round((NOON - datetime.now(UTC)).total_seconds()))):
        return made_folder(tmp_path_factory.mktemp("keys") / "election")


@pytest.fixture
def folder(election: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_clock: SetClock) -> Path:
    """A copy of the election's folder. New keys are used immediately."""
    set_clock(NOON)
    monkeypatch.setattr(master_key_rotation, "SETTLED", timedelta(0))
    return Path(copytree(election, tmp_path / "election"))


def tags(folder: Path) -> list[bytes]:
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        return [tag for (tag,) in connection.execute("SELECT mac FROM voters ORDER BY id")]


def test_keys_are_rotated_and_shown_without_their_secret(folder: Path) -> None:
    """The command rotates keys, tells the operator to save the key file again, and lists the use of each key."""
    result = run(folder, "keys", "rotate")
    run(folder, "keys", "retire")
    run(folder, "keys", "rotate")
    run(folder, "keys", "rotate", "--after", "30")

    lines = run(folder, "keys", "list").output.splitlines()

    assert [line.partition(" : ")[2].split(" le ")[0].split(" du ")[0] for line in lines] == [
        "retirée",
        "ouvre",
        "scelle et ouvre",
        "ouvre, et scellera à partir",
    ]
    assert "empreintes" in lines[0]
    assert [key.id for key in read_key_file(folder / "master.key")] == [1, 2, 3, 4]

    assert result.exit_code == 0
    assert "La clé 2 scelle" in result.output
    assert "redémarrez chaque programme avant « retrouve keys retire »" in result.output
    assert "master.key de nouveau en lieu sûr" in result.output


def test_keys_are_not_rotated_at_once_beside_other_machines(folder: Path) -> None:
    """If other machines run the election, a key is added only with enough time to copy it to them."""
    with world_in(folder) as world, world.store.write() as transaction:
        assert isinstance(transaction, SqlTransaction)
        for host, days in (("host2 courier", 0), (f"{gethostname()} courier", 0), ("former courier", 8)):
            seen = datetime.now(UTC) - timedelta(days=days)
            write_host_heartbeat(transaction.connection, HostHeartbeat(host, seen, timedelta()))

    refused = run(folder, "keys", "rotate")
    assert (refused.exit_code, len(read_key_file(folder / "master.key"))) == (1, 1)
    assert "(host2)" in refused.output
    assert "--after 15" in refused.output

    assert run(folder, "keys", "rotate", "--after", "15").exit_code == 0
    assert len(read_key_file(folder / "master.key")) == 2


def test_without_a_database_no_key_is_added(folder: Path) -> None:
    """No key is added if the database is unavailable, because it knows the other machines."""
    (folder / "retrouve.sqlite3").write_bytes(b"not a database, of more than sixteen bytes")

    for after in ((), ("--after", "15")):
        refused = run(folder, "keys", "rotate", *after)

        assert (refused.exit_code, len(read_key_file(folder / "master.key"))) == (1, 1)
        assert "la base ne répond pas" in refused.output


def test_case_69_a_machine_without_the_newest_key_says_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CASE 69: a machine that lacks the newest key says so in /readyz and doctor, and adds no key itself."""
    other = Path(copytree(folder, tmp_path / "host2"))
    monkeypatch.setenv("RETROUVE_DATABASE_URL", f"sqlite:///{folder / 'retrouve.sqlite3'}")

    def seen_at_other_machine() -> tuple[ReadinessReport, DoctorCheckResult]:
        with closing(open_services(other, ProgramKeyRole.SERVE)) as services:
            (check,) = check_database_keys(load(other), other)
            return services.readiness.report(), check

    run(folder, "keys", "rotate", "--after", "15")
    report, check = seen_at_other_machine()
    assert (report.ready, report.notes["keys"].partition(":")[0]) == (True, "key-missing")
    assert check.verdict is DoctorCheckSeverity.ATTENTION
    assert run(other, "journal", "verify").exit_code == 0
    refused = run(other, "keys", "rotate", "--after", "15")
    assert (refused.exit_code, len(read_key_file(other / "master.key"))) == (1, 1)
    assert "La clé 2 manque à cette machine" in refused.output

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        report, check = seen_at_other_machine()
        assert (report.ready, report.parts["keys"].partition(":")[0]) == (False, "key-missing")
        assert check.verdict is DoctorCheckSeverity.FAULT
        assert "keys/serve.key" in str(check.finding)
        with world_in(folder) as world:
            world.add()
            world.ask()
            world.courier().run_once()
            (token,) = world.post.links(CAMILLE)
        with closing(open_services(other, ProgramKeyRole.SERVE)) as services:
            page = create_site(services).test_client().get(LINK_PATH + token)
            assert (page.status_code, "Ce qui a déjà été fait est conservé" in page.text) == (503, True)
        refused = run(other, "journal", "verify")
        assert (refused.exit_code, "La clé 2 manque à cette machine" in refused.output) == (2, True)

        copytree(folder / "keys", other / "keys", dirs_exist_ok=True)
        copy(folder / "master.key", other)
        report, check = seen_at_other_machine()
        assert (report.ready, report.notes, check.verdict) == (True, {}, DoctorCheckSeverity.OK)
        assert run(other, "journal", "verify").exit_code == 0


def test_a_key_that_was_not_announced_is_announced_with_the_next_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that lacks two new keys is not ready from the time at which the earlier of them encrypts."""
    other = Path(copytree(folder, tmp_path / "host2"))
    monkeypatch.setenv("RETROUVE_DATABASE_URL", f"sqlite:///{folder / 'retrouve.sqlite3'}")
    with patch.object(SqlStore, "write", side_effect=StoreUnavailable("away")):
        assert "refaites la même commande" in run(folder, "keys", "rotate", "--after", "15").stderr
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        assert run(folder, "keys", "rotate", "--after", "15").exit_code == 0

    for minutes, ready in ((14, True), (16, False)):
        with (
            time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)),
            closing(open_services(other, ProgramKeyRole.SERVE)) as services,
        ):
            assert services.readiness.report().ready is ready, minutes


def test_a_key_that_a_message_needs_is_not_retired(folder: Path) -> None:
    """A key that a waiting message needs cannot be retired, and the refusal names the case and the date."""
    with world_in(folder) as world:
        world.add()
        world.post.says = POSTPONES
        handle = world.ask()
        world.courier().run_once()
        run(folder, "keys", "rotate")
        before = tags(folder)

        refused = run(folder, "keys", "retire")
        assert tags(folder) == before
        assert (refused.exit_code, len(read_key_file(folder / "master.key"))) == (1, 2)
        assert f"dossier {world.number(handle)} : clé 1" in refused.output
        assert "vendredi 30 novembre 2018 à 15:51" in refused.output

        world.post.says = ACCEPTS
        world.clock.move(minutes=1)
        world.courier().run_once()
        assert world.post.links(CAMILLE)
        assert run(folder, "keys", "retire").exit_code == 0


def test_a_key_that_a_failed_message_needs_is_not_retired(folder: Path, set_clock: SetClock) -> None:
    """A key that a refused message needs cannot be retired while the helpdesk may send the message again."""
    with world_in(folder) as world:
        world.add()
        world.post.says = REFUSES
        world.ask()
        world.courier().run_once()
        assert world.counts() == {MessageState.PARKED: 1}
    run(folder, "keys", "rotate")

    assert run(folder, "keys", "retire").exit_code == 1
    set_clock(NOON + timedelta(hours=5))
    assert run(folder, "keys", "retire").exit_code == 0


def test_a_long_list_of_messages_is_shortened(folder: Path) -> None:
    """If many messages need a key, only the first ones are listed."""
    with world_in(folder) as world, world.store.write() as transaction:
        for number in range(30):
            transaction.outbox.put(
                kind=MessageKind.CHANGED,
                case=f"7F3K-{number:04}",
                at=NOON,
                useful_until=NOON + timedelta(hours=1),
                sealed=world.dependencies.vault.seal(key_purposes.OUTBOX, b"body", context=b"1"),
            )
    run(folder, "keys", "rotate")

    lines = run(folder, "keys", "retire").output.splitlines()

    assert lines[0].startswith("Rien n'a été retiré : 30 messages")
    assert lines[-2] == "… et 10 autres."


def test_a_link_requested_before_a_rotation_works_after(folder: Path) -> None:
    """Links that were requested before a key rotation still work, without a restart of the site."""
    with world_in(folder) as site, world_in(folder) as courier:
        site.add()
        courier.post.says = POSTPONES
        site.ask()
        courier.courier().run_once()
        run(folder, "keys", "rotate")
        courier.post.says = ACCEPTS
        courier.clock.move(minutes=1)
        courier.courier().run_once()
        site.links.choose_password(courier.post.links(CAMILLE)[-1], GOOD)
        courier.courier().run_once()

        site.stops.freeze(courier.post.to(CAMILLE)[-1].stop)

        assert site.voter().frozen is not None


def test_a_number_that_a_case_holds_is_sealed_anew(folder: Path) -> None:
    """Retiring a key encrypts the telephone numbers of cases again, so that SMS still reach them."""
    with world_in(folder) as world:
        session = reissuer(world).asked().session
        world.courier().run_once()
    run(folder, "keys", "rotate")
    assert run(folder, "keys", "retire").exit_code == 0

    with world_in(folder) as world:  # this process has never had the former key
        camille = Reissuer(world, session=session)
        world.clock.move(minutes=1)
        camille.press("again")
        assert camille.type(camille.code()).step is camille.steps.sending
    run(folder, "keys", "rotate")
    assert run(folder, "keys", "retire").exit_code == 0

    with world_in(folder) as world:
        world.clock.move(minutes=1)
        world.courier().run_once()
        (sms,) = world.air.taken
        assert sms.recipient == E164
        assert votes(world, Reissuer(world).identifier())


def test_credentials_and_tags_are_made_again(folder: Path) -> None:
    """Retiring a key encrypts passwords again and renews the tags of rows, so that voters can still sign in."""
    with world_in(folder) as world:
        world.add()
        world.with_password()
    run(folder, "keys", "rotate")
    assert run(folder, "keys", "retire").exit_code == 0

    with world_in(folder) as world:
        assert world.sessions.sign_in(CAMILLE, GOOD, visit()).session
    (rows,) = check_row_tags(folder)
    assert rows.verdict is DoctorCheckSeverity.OK


def test_keys_of_a_command_are_retired_once_it_gives_the_newest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If `key_command` is set, no key is retired until the command gives the newest key to every program."""
    with world_in(folder) as world:
        world.add()
        world.with_password()
    vault = Path(copytree(folder / "keys", folder.parent / "vault"))
    copy(folder / "master.key", vault)
    monkeypatch.setenv("RETROUVE_KEY_COMMAND", f'["cat", "{vault}/{{role}}.key"]')
    rotated = run(folder, "keys", "rotate").output
    before = tags(folder)

    for given, lacking in (
        ((), "master, courier, bounces, desk, operator, serve"),
        (("master.key",), "courier, bounces, desk, operator, serve"),
        (("keys/courier.key", "keys/operator.key"), "bounces, desk, serve"),
    ):
        for name in given:
            copy(folder / name, vault)
        refused = run(folder, "keys", "retire")
        assert (refused.exit_code, f"ne donne pas la clé 2 à : {lacking}. " in refused.output) == (1, True), lacking
        assert "Rien n'a été retiré" in refused.output
        assert tags(folder) == before
        assert [key.retired for key in read_key_file(folder / "master.key")] == [None, None]
    copytree(folder / "keys", vault, dirs_exist_ok=True)

    retired = run(folder, "keys", "retire")
    assert (retired.exit_code, "là où key_command les lit" in retired.output) == (0, True)
    (rows,) = check_row_tags(folder)
    assert rows.verdict is DoctorCheckSeverity.OK
    assert "sans redémarrer" not in rotated
    assert "Mettez ces fichiers là où key_command les lit" in rotated


def test_keys_are_not_retired_before_the_role_files_follow(folder: Path) -> None:
    """No key is retired while a role key file lacks the newest key. An upgrade writes this file."""
    former = (folder / "keys/serve.key").read_bytes()
    run(folder, "keys", "rotate")
    (folder / "keys/serve.key").write_bytes(former)

    refused = run(folder, "keys", "retire")

    assert (refused.exit_code, "la clé 2 de master.key manque à : serve. " in refused.output) == (1, True)
    assert len(read_key_file(folder / "master.key")) == 2
    assert run(folder, "init", "--upgrade").exit_code == 0
    assert run(folder, "keys", "retire").exit_code == 0


def test_without_a_database_nothing_is_retired(folder: Path) -> None:
    """No key is retired if the database is unavailable, because a waiting message may need it."""
    run(folder, "keys", "rotate")
    (folder / "retrouve.sqlite3").write_bytes(b"not a database, of more than sixteen bytes")

    result = run(folder, "keys", "retire")

    assert result.exit_code == 1
    assert "la base ne répond pas" in result.output
    assert len(read_key_file(folder / "master.key")) == 2


@pytest.mark.parametrize(
    ("failure", "says", "never"),
    [
        (StoreUnavailable("away"), "le journal n'en sait rien", "nul ne sait"),
        (CommitOutcomeUnknown("away"), "nul ne sait si le journal a la ligne", "n'en sait rien"),
    ],
)
def test_a_change_that_the_journal_may_lack_is_told_as_done(
    folder: Path, failure: StoreUnavailable, says: str, never: str
) -> None:
    """If a key change cannot be recorded in the journal, the command says that it was done but not recorded."""
    for command, done in (("rotate", "La clé 2 scelle"), ("retire", "1 ancienne clé est retirée")):
        with patch.object(SqlStore, "write", side_effect=failure):
            result = run(folder, "keys", command)

        assert (result.exit_code, done in result.stdout, "C'est fait" in result.stderr) == (1, True, True), command
        assert says in result.stderr
        assert ("refaites la même commande" in result.stderr) is (command == "rotate")
        assert never not in result.stderr
        assert "Rien n'a été" not in result.output
        assert ("retrouve journal export" in result.stderr) is isinstance(failure, CommitOutcomeUnknown)
