"""What is easily guessed."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.adapters.guessing import Zxcvbn


@pytest.mark.parametrize("password", ["password1", "PassWord1", "AZERTY123", "123456"])
def test_a_common_password_is_known_whatever_its_capitals(password: str) -> None:
    """The lists are lower case."""
    assert Zxcvbn().common(password)


@pytest.mark.parametrize("password", ["Lavande bleue 2018", "password1!x", "", "é" * 1000])
def test_what_is_not_in_the_list_is_not_common(password: str) -> None:
    """Nothing is stripped: to call "password1!x" one of the most used in the world would be untrue."""
    assert not Zxcvbn().common(password)


def test_strength_grows_with_the_guesses_needed() -> None:
    """From 0 for a dictionary word to 4 for four unrelated ones."""
    assert Zxcvbn().strength("password", ()) == 0
    assert Zxcvbn().strength("Girafe-Tambour-Ciseau-42", ()) == 4


def test_words_about_the_owner_weaken() -> None:
    """A name is easily guessed by who knows it; an empty word says nothing."""
    assert Zxcvbn().strength("Wamytanoviczky", ("Wamytanoviczky", "")) < Zxcvbn().strength("Wamytanoviczky", ("",))


def test_a_long_password_is_scored_by_its_first_72_characters() -> None:
    """Zxcvbn itself raises above 72."""
    assert Zxcvbn().strength("a" * 72 + "Girafe-Tambour-Ciseau-42", ()) == Zxcvbn().strength("a" * 72, ())


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that interrupt each other as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
def test_two_threads_do_not_score_with_each_others_words() -> None:
    """A global of zxcvbn holds them; each score is what it is alone."""
    names = [f"Wamytanoviczky{letter}" for letter in "abcdefgh"]
    alone = [Zxcvbn().strength(name, (name,)) for name in names]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda name: Zxcvbn().strength(name, (name,)), names * 20))

    assert together == alone * 20
