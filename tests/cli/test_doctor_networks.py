"""`retrouve doctor` checks the Valkey that hosts share, with a real server."""

from collections.abc import Iterator

import pytest

from cli.checks import DoctorCheckSeverity
from cli.checks.valkey_network_limits import check_shared_limits
from core.app.settings import Settings
from core.text.text import Language
from core.text.translation import translate
from tests.support.valkey import Valkey, valkey
from tests.support.worlds import sample_settings


@pytest.fixture
def server() -> Iterator[Valkey]:
    """A Valkey server that is not started yet."""
    with valkey() as made:
        yield made


def settings(url: str | None) -> Settings:
    """Return the sample's settings with that `throttle_url`."""
    return sample_settings().model_copy(update={"throttle_url": url})


def found(url: str) -> tuple[DoctorCheckSeverity, str]:
    """Return the result of this check alone."""
    (check,) = check_shared_limits(settings(url))
    return check.verdict, translate(check.sentence(), Language.FRENCH)


def test_without_shared_limits_there_is_no_check() -> None:
    """Without `throttle_url` there is no line."""
    assert check_shared_limits(settings(None)) == ()
    unlimited = settings("valkey://127.0.0.1:1").model_copy(update={"throttle_networks": False})
    assert check_shared_limits(unlimited) == ()


def test_a_server_that_answers_is_fine_and_one_that_does_not_wants_attention(server: Valkey) -> None:
    """The version of a server that answers is shown; without one voters are served too, and no password is printed."""
    verdict, sentence = found(server.url.replace("//", "//retrouve:s3cret@"))

    assert verdict is DoctorCheckSeverity.ATTENTION
    assert "les pages fonctionnent, et chaque programme compte pour lui. Démarrez-le" in sentence
    assert "s3cret" not in sentence

    server.start()
    verdict, sentence = found(server.url)
    assert verdict is DoctorCheckSeverity.OK
    assert sentence.startswith("bon – limites par réseau : Valkey 8.")


def test_a_server_that_refuses_the_password_wants_attention(server: Valkey) -> None:
    """A server that refuses the password, or wants one, wants attention."""
    server.start("--requirepass", "s3cret")

    for account in ("", "default:wrong@"):
        verdict, sentence = found(server.url.replace("//", f"//{account}"))

        assert verdict is DoctorCheckSeverity.ATTENTION
        assert "Valkey refuse ce compte" in sentence


def test_a_replica_wants_attention(server: Valkey) -> None:
    """A replica wants attention, because it accepts no counts."""
    server.start("--replicaof", "127.0.0.1 1")

    verdict, sentence = found(server.url)

    assert verdict is DoctorCheckSeverity.ATTENTION
    assert "adresse du serveur principal" in sentence
