"""`retrouve platform` verifies identifiers, and compares the database with the voting platform."""

from base64 import b64encode
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from cli import main
from cli.roll import import_roll
from core.app.services import Services
from core.ports.voting_platform import FreezeOrder, PlatformUnreachable, ReissueOrder
from core.security.digests import PlatformPseudonyms
from core.security.voting_identifiers import new_identifier, verifier_of
from tests.support.election import CAMILLE, SeededRandomSource, entry
from tests.support.reissues import BORN, Reissuer, numen_of, pseudonym
from tests.support.stores import writing
from tests.support.worlds import World

OTHER, NEW_ADDRESS = "other@ac-lumiere.example", "camille.petit@ac-lumiere.example"


@pytest.fixture
def command_world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Make the command use this world's services."""
    monkeypatch.setattr("cli.platform.open_services_or_exit", lambda _directory, _role: world.services)
    return world


def run(*arguments: str, stdin: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(main, ["platform", *arguments], input=stdin)
    return result.exit_code, result.output


def in_force(services: Services) -> str:
    identifier = new_identifier(SeededRandomSource(5))
    key = services.platform_key
    services.platform.reissue(
        ReissueOrder(
            voter=PlatformPseudonyms(key).platform_pseudonym(entry().pseudonym),
            request="x",
            generation=1,
            salt=b"s",
            verifier=verifier_of(key, b"s", identifier.replace("-", "")),
        )
    )
    return identifier


def test_an_identifier_is_verified_from_standard_input(command_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says whether a typed identifier votes, and reports a typing error.

    A terminal does not show what is typed.
    """
    command_world.add()
    identifier = in_force(command_world.services)

    assert run("verify", CAMILLE, stdin=f"{identifier.lower()}\n") == (0, "Cet identifiant permet de voter.\n")
    assert run("verify", "other@ac-lumiere.example", stdin=identifier)[0] == 1
    assert "un caractère est faux" in run("verify", CAMILLE, stdin="2222-2222-22223")[1]
    assert run("verify", "no address", stdin=identifier)[0] == 1
    monkeypatch.setattr("cli.platform.is_started_in_terminal", lambda: True)
    status, said = run("verify", CAMILLE, stdin=f"{identifier}\n")
    assert status == 0
    assert said == "Identifiant (il ne s'affiche pas): \nCet identifiant permet de voter.\n"


def test_the_imported_identifier_votes_until_the_first_reissue(command_world: World, tmp_path: Path) -> None:
    """The imported identifier votes until the first re-issue. The later one still votes after a change of address."""
    first, key = new_identifier(SeededRandomSource(7)), command_world.services.platform_key
    made = b64encode(verifier_of(key, b"salt", first.replace("-", ""))).decode()
    lines = [
        "courriel;nom;prénom;date de naissance;NUMEN;vérificateur",
        f"{CAMILLE};Martin;Camille;{BORN:%d/%m/%Y};{numen_of(CAMILLE)};{b64encode(b'salt').decode()}:{made}",
        f"{OTHER};Petit;Zoé;{BORN:%d/%m/%Y};{numen_of(OTHER)};",
    ]
    file = tmp_path / "roll.csv"
    file.write_text("\n".join(lines), "utf-8")
    said: list[str] = []
    pseudonyms = command_world.services.platform_pseudonyms
    assert (
        import_roll(file, command_world.dependencies, pseudonyms, scratch=tmp_path, wanted=True, echo=said.append) == 0
    )

    assert run("verify", CAMILLE, stdin=first)[0] == 0
    assert run("verify", OTHER, stdin=first)[0] == 1
    pseudonymous = pseudonym(command_world)
    command_world.services.platform.set_freeze(FreezeOrder(voter=pseudonymous, frozen=True, sequence=1))
    assert run("verify", CAMILLE, stdin=first)[0] == 1
    command_world.services.platform.set_freeze(FreezeOrder(voter=pseudonymous, frozen=False, sequence=2))
    assert run("verify", CAMILLE, stdin=first)[0] == 0
    assert run("reconcile")[0] == 0

    second = Reissuer(command_world).sign_in().receive()
    assert [run("verify", CAMILLE, stdin=each)[0] for each in (first, second)] == [1, 0]
    assert run("reconcile")[0] == 0
    with command_world.store.write() as transaction:
        ((voter, line),) = [each for each in transaction.roll.entries() if each[1].email == CAMILLE]
        transaction.roll.correct([(voter, msgspec.structs.replace(line, email=NEW_ADDRESS))])
    assert [run("verify", NEW_ADDRESS, stdin=each)[0] for each in (first, second)] == [1, 0]
    assert run("verify", CAMILLE, stdin=second)[0] == 1
    assert run("reconcile")[0] == 0


def test_a_roll_of_another_key_is_reported(command_world: World) -> None:
    """If the roll was imported under another platform key, the command only says to import it again."""
    command_world.add(entry(pseudonym=PlatformPseudonyms(b"former").stored_pseudonym("01E0123456ABC")))
    voter = command_world.voter()
    writing(command_world.store).voters.freeze(voter.id, epoch=voter.epoch, at=command_world.clock.at)
    identifier = new_identifier(SeededRandomSource(5))

    for status, said in (run("reconcile"), run("verify", CAMILLE, stdin=identifier)):
        assert status == 1
        assert "roll import" in said


def test_the_comparison_lists_the_differences(command_world: World) -> None:
    """The comparison lists the differences and then exits with 1."""
    assert run("reconcile") == (0, "0 électeur comparé.\nLe service de vote et nous disons la même chose.\n")
    in_force(command_world.services)

    status, said = run("reconcile")

    assert status == 1
    assert "1 différence." in said


def test_a_platform_that_does_not_answer_is_reported(command_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the voting platform does not answer, the command says so and compares nothing."""

    class Gone:
        def accounts(self) -> object:
            raise PlatformUnreachable("time-out")

    command_world.services.__dict__["platform"] = Gone()

    status, said = run("reconcile")

    assert status == 75
    assert "time-out" in said
    monkeypatch.undo()
