"""Common and weak passwords are recognised."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.adapters.password_strength import ZxcvbnPasswordStrength

STRENGTH = ZxcvbnPasswordStrength()
"""The estimator under test, which begins its process once for all these tests."""


def test_a_common_password_is_known_whatever_its_capitals() -> None:
    """A common password is known whatever its capitals, and a longer one is not called common."""
    for password in (
        "password1",
        "PassWord1",
        "AZERTY123",
        "123456",
    ):
        assert ZxcvbnPasswordStrength().is_common_password(password)

    for password in (
        "Lavande bleue 2018",
        "password1!x",
        "",
        "é" * 1000,
    ):
        assert not ZxcvbnPasswordStrength().is_common_password(password)


def test_strength_grows_with_the_guesses_needed() -> None:
    """The strength goes from 0 for a dictionary word to 4 for four unrelated ones."""
    assert STRENGTH.strength("password", ()) == 0
    assert STRENGTH.strength("Girafe-Tambour-Ciseau-42", ()) == 4


def test_the_owners_name_weakens_a_password() -> None:
    """The owner's name weakens a password, and an empty name does not."""
    assert STRENGTH.strength("Wamytanoviczky", ("Wamytanoviczky", "")) < STRENGTH.strength("Wamytanoviczky", ("",))


def test_a_long_password_is_scored_by_its_first_72_characters() -> None:
    """A long password is scored by its first 72 characters, because zxcvbn raises above."""
    assert STRENGTH.strength("a" * 72 + "Girafe-Tambour-Ciseau-42", ()) == STRENGTH.strength("a" * 72, ())


@pytest.fixture
def switching_threads() -> Iterator[None]:
    """Make threads interrupt each other as often as possible."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("switching_threads")
def test_two_threads_do_not_score_with_each_others_words() -> None:
    """Concurrent scores do not see each other's words, though zxcvbn has them in a global."""
    names = [f"Wamytanoviczky{letter}" for letter in "abcdefgh"]
    alone = [STRENGTH.strength(name, (name,)) for name in names]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda name: STRENGTH.strength(name, (name,)), names * 20))

    assert together == alone * 20
