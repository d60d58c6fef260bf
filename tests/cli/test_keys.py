"""`retrouve keys`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.keys import keys
from core import purposes
from core.adapters import key_changes
from core.adapters.keys import read
from core.ports import ParcelKind, ParcelState
from tests.support.election import CAMILLE, GOOD, NOON
from tests.support.folders import at_work, made_folder
from tests.support.post import ACCEPTS, POSTPONES, REFUSES
from tests.support.reissues import E164, Reissuer, reissuer, votes


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An election in a folder, which lives at noon of its second day; keys settle at once."""
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    live_at(NOON, monkeypatch)
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)
    monkeypatch.setattr(key_changes, "SETTLED", timedelta(0))
    return made_folder(tmp_path / "election")


def live_at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands that follow are run at that moment."""
    monkeypatch.setenv("RETROUVE_CLOCK_OFFSET_SECONDS", str(round((moment - datetime.now(UTC)).total_seconds())))


def run(folder: Path, *words: str) -> Result:
    """The command on that folder."""
    return CliRunner().invoke(keys, [*words, "--dir", str(folder)], catch_exceptions=False)


def test_the_keys_are_shown_and_never_their_secret(folder: Path) -> None:
    """Each with what it does now."""
    run(folder, "rotate")
    run(folder, "retire")
    run(folder, "rotate")
    run(folder, "rotate", "--after", "30")

    lines = run(folder, "list").output.splitlines()

    assert [line.partition(" : ")[2].split(" le ")[0].split(" du ")[0] for line in lines] == [
        "retirée",
        "ouvre",
        "scelle et ouvre",
        "ouvre, et scellera à partir",
    ]
    assert "empreintes" in lines[0]
    assert [key.id for key in read(folder / "master.key")] == [1, 2, 3, 4]


def test_a_rotation_says_to_copy_the_file(folder: Path) -> None:
    """The safe copy is no longer enough."""
    result = run(folder, "rotate")

    assert result.exit_code == 0
    assert "La clé 2 scelle" in result.output
    assert "master.key de nouveau en lieu sûr" in result.output


def test_a_key_that_a_message_needs_is_not_retired(folder: Path) -> None:
    """Its case and until when are said; once the message has left, the key may go."""
    with at_work(folder) as world:
        world.add()
        world.post.says = POSTPONES
        handle = world.ask()
        world.courier().round()
        run(folder, "rotate")

        refused = run(folder, "retire")
        assert (refused.exit_code, len(read(folder / "master.key"))) == (1, 2)
        assert f"dossier {world.number(handle)} : clé 1" in refused.output
        assert "vendredi 30 novembre 2018 à 15:51" in refused.output

        world.post.says = ACCEPTS
        world.clock.move(minutes=1)
        world.courier().round()
        assert world.post.links(CAMILLE)
        assert run(folder, "retire").exit_code == 0


def test_a_message_that_is_set_aside_needs_its_key_while_it_is_useful(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk may send it again until then; later nobody would."""
    with at_work(folder) as world:
        world.add()
        world.post.says = REFUSES
        world.ask()
        world.courier().round()
        assert world.counts() == {ParcelState.PARKED: 1}
    run(folder, "rotate")

    assert run(folder, "retire").exit_code == 1
    live_at(NOON + timedelta(hours=5), monkeypatch)
    assert run(folder, "retire").exit_code == 0


def test_a_long_list_of_messages_is_shortened(folder: Path) -> None:
    """The first are enough to see what it is about."""
    with at_work(folder) as world, world.store.write() as transaction:
        for number in range(30):
            transaction.outbox.put(
                kind=ParcelKind.CHANGED,
                case=f"7F3K-{number:04}",
                at=NOON,
                useful_until=NOON + timedelta(hours=1),
                sealed=world.tools.vault.seal(purposes.OUTBOX, b"body", context=b"1"),
            )
    run(folder, "rotate")

    lines = run(folder, "retire").output.splitlines()

    assert lines[0].startswith("Rien n'a été retiré : 30 messages")
    assert lines[-2] == "… et 10 autres."


def test_a_link_asked_before_a_rotation_works_after(folder: Path) -> None:
    """And so does the notice's, while the process of the site never restarted."""
    with at_work(folder) as site, at_work(folder) as courier:
        site.add()
        courier.post.says = POSTPONES
        site.ask()
        courier.courier().round()
        run(folder, "rotate")
        courier.post.says = ACCEPTS
        courier.clock.move(minutes=1)
        courier.courier().round()
        site.links.choose_password(courier.post.links(CAMILLE)[-1], GOOD)
        courier.courier().round()

        site.stops.freeze(courier.post.to(CAMILLE)[-1].stop)

        assert site.voter().frozen is not None


def test_a_number_that_a_case_holds_is_sealed_anew(folder: Path) -> None:
    """A code is sent there once more, and the identifier after it, when the former key is gone."""
    with at_work(folder) as world:
        session = reissuer(world).asked().session
        world.courier().round()
    run(folder, "rotate")
    assert run(folder, "retire").exit_code == 0

    with at_work(folder) as world:  # which has never seen the former key
        camille = Reissuer(world, session=session)
        world.clock.move(minutes=1)
        camille.press("again")
        assert camille.type(camille.code()).step is camille.steps.sending
    run(folder, "rotate")
    assert run(folder, "retire").exit_code == 0

    with at_work(folder) as world:
        world.clock.move(minutes=1)
        world.courier().round()
        (sms,) = world.air.taken
        assert sms.recipient == E164
        assert votes(world, Reissuer(world).identifier())


def test_without_a_database_nothing_is_retired(folder: Path) -> None:
    """Nobody knows what it may need."""
    run(folder, "rotate")
    (folder / "retrouve.sqlite3").write_bytes(b"not a database, of more than sixteen bytes")

    result = run(folder, "retire")

    assert result.exit_code == 1
    assert "la base ne répond pas" in result.output
    assert len(read(folder / "master.key")) == 2
