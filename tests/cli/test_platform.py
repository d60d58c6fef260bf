"""`retrouve platform`."""

from base64 import b64encode
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from cli import main
from cli.roll import import_roll
from core.bootstrap import House
from core.identifiers import new_identifier, verifier
from core.platform import Hold, PlatformAway, Reissue
from core.pseudonyms import Pseudonyms
from tests.support.election import CAMILLE, SeededEntropy, entry
from tests.support.reissues import BORN, Reissuer, numen_of, pseudonym
from tests.support.worlds import World

OTHER, NEW_ADDRESS = "other@ac-lumiere.example", "camille.petit@ac-lumiere.example"


@pytest.fixture
def called(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The command opens this world's house."""
    monkeypatch.setattr("cli.platform.open_house", lambda _directory: world.house)
    return world


def run(*arguments: str, stdin: str = "") -> tuple[int, str]:
    """Its status, and what it says."""
    result = CliRunner().invoke(main, ["platform", *arguments], input=stdin)
    return result.exit_code, result.output


def in_force(house: House) -> str:
    """An identifier that votes."""
    identifier = new_identifier(SeededEntropy(5))
    key = house.platform_key
    house.platform.reissue(
        Reissue(
            voter=Pseudonyms(key).told(entry().pseudonym),
            request="x",
            generation=1,
            salt=b"s",
            verifier=verifier(key, b"s", identifier.replace("-", "")),
        )
    )
    return identifier


def test_an_identifier_is_verified_from_standard_input(called: World) -> None:
    """It votes, another does not, and a slip is told as one."""
    called.add()
    identifier = in_force(called.house)

    assert run("verify", CAMILLE, stdin=f"{identifier.lower()}\n") == (0, "Cet identifiant permet de voter.\n")
    assert run("verify", "other@ac-lumiere.example", stdin=identifier)[0] == 1
    assert "un caractère est faux" in run("verify", CAMILLE, stdin="2222-2222-22223")[1]
    assert run("verify", "no address", stdin=identifier)[0] == 1


def test_the_first_identifier_comes_with_the_roll_and_votes_until_another_does(called: World, tmp_path: Path) -> None:
    """Generation 0: imported, frozen with its account, dead with the first re-issue, and under a corrected address nothing changes."""
    first, key = new_identifier(SeededEntropy(7)), called.house.platform_key
    made = b64encode(verifier(key, b"salt", first.replace("-", ""))).decode()
    lines = [
        "courriel;nom;prénom;date de naissance;NUMEN;vérificateur",
        f"{CAMILLE};Martin;Camille;{BORN:%d/%m/%Y};{numen_of(CAMILLE)};{b64encode(b'salt').decode()}:{made}",
        f"{OTHER};Petit;Zoé;{BORN:%d/%m/%Y};{numen_of(OTHER)};",
    ]
    file = tmp_path / "roll.csv"
    file.write_text("\n".join(lines), "utf-8")
    said: list[str] = []
    pseudonyms = called.house.pseudonyms
    assert import_roll(file, called.tools, pseudonyms, scratch=tmp_path, wanted=True, echo=said.append) == 0

    assert run("verify", CAMILLE, stdin=first)[0] == 0
    assert run("verify", OTHER, stdin=first)[0] == 1
    pseudonymous = pseudonym(called)
    called.house.platform.hold(Hold(voter=pseudonymous, frozen=True, sequence=1))
    assert run("verify", CAMILLE, stdin=first)[0] == 1
    called.house.platform.hold(Hold(voter=pseudonymous, frozen=False, sequence=2))
    assert run("verify", CAMILLE, stdin=first)[0] == 0
    assert run("reconcile")[0] == 0

    second = Reissuer(called).sign_in().receive()
    assert [run("verify", CAMILLE, stdin=each)[0] for each in (first, second)] == [1, 0]
    assert run("reconcile")[0] == 0
    with called.store.write() as transaction:
        ((voter, line),) = [each for each in transaction.roll.entries() if each[1].email == CAMILLE]
        transaction.roll.correct([(voter, msgspec.structs.replace(line, email=NEW_ADDRESS))])
    assert [run("verify", NEW_ADDRESS, stdin=each)[0] for each in (first, second)] == [1, 0]
    assert run("verify", CAMILLE, stdin=second)[0] == 1
    assert run("reconcile")[0] == 0


def test_a_roll_of_another_key_is_told(called: World) -> None:
    """It must be imported again; nothing is compared, and no identifier is said to be wrong."""
    called.add(entry(pseudonym=Pseudonyms(b"former").kept("01E0123456ABC")))
    voter = called.voter()
    with called.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=called.clock.at)
    identifier = new_identifier(SeededEntropy(5))

    for status, said in (run("reconcile"), run("verify", CAMILLE, stdin=identifier)):
        assert status == 1
        assert "roll import" in said


def test_the_comparison_says_what_differs(called: World) -> None:
    """With a status that a scheduled task can see."""
    assert run("reconcile") == (0, "0 électeur comparé.\nLe service de vote et nous disons la même chose.\n")
    in_force(called.house)

    status, said = run("reconcile")

    assert status == 1
    assert "1 différence." in said


def test_a_platform_that_is_away_is_told(called: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was compared."""

    class Gone:
        def standings(self) -> object:
            raise PlatformAway("time-out")

    called.house.__dict__["platform"] = Gone()

    status, said = run("reconcile")

    assert status == 75
    assert "time-out" in said
    monkeypatch.undo()
