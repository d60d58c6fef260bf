"""`retrouve doctor` and the Valkey that hosts share, a real one."""

from collections.abc import Iterator

import pytest

from cli.checks import Verdict
from cli.checks.networks import check_networks
from core.i18n import say
from core.settings import Settings
from core.text import Language
from tests.support.valkey import Valkey, valkey
from tests.support.worlds import sample_settings


@pytest.fixture
def server() -> Iterator[Valkey]:
    """Not started yet."""
    with valkey() as made:
        yield made


def settings(url: str | None) -> Settings:
    """Those of the sample, with that `throttle_url`."""
    return sample_settings().model_copy(update={"throttle_url": url})


def found(url: str) -> tuple[Verdict, str]:
    """What the one check says."""
    (check,) = check_networks(settings(url))
    return check.verdict, say(check.sentence(), Language.FRENCH)


def test_nothing_is_said_where_nothing_is_shared() -> None:
    """Each process counts by itself, or none does."""
    assert check_networks(settings(None)) == ()
    unlimited = settings("valkey://127.0.0.1:1").model_copy(update={"throttle_networks": False})
    assert check_networks(unlimited) == ()


def test_one_that_answers_is_well(server: Valkey) -> None:
    """Its version is shown."""
    server.start()

    verdict, sentence = found(server.url)

    assert verdict is Verdict.OK
    assert sentence.startswith("bon – limites par réseau : Valkey 8.")


def test_one_that_is_gone_wants_attention(server: Valkey) -> None:
    """Voters are served without it, so it is no fault; what to do is said, and no password."""
    verdict, sentence = found(server.url.replace("//", "//retrouve:s3cret@"))

    assert verdict is Verdict.ATTENTION
    assert "les pages fonctionnent, sans ces limites. Démarrez-le" in sentence
    assert "s3cret" not in sentence


def test_one_that_refuses_the_account_wants_attention(server: Valkey) -> None:
    """A wrong password, or none where one is wanted."""
    server.start("--requirepass", "s3cret")

    for account in ("", "default:wrong@"):
        verdict, sentence = found(server.url.replace("//", f"//{account}"))

        assert verdict is Verdict.ATTENTION
        assert "Valkey refuse ce compte" in sentence


def test_a_copy_wants_attention(server: Valkey) -> None:
    """A replica takes no counts."""
    server.start("--replicaof", "127.0.0.1 1")

    verdict, sentence = found(server.url)

    assert verdict is Verdict.ATTENTION
    assert "adresse du serveur principal" in sentence
