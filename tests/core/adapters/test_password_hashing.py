"""Passwords are hashed with argon2id."""

from unittest.mock import patch

import pytest
from argon2.low_level import verify_secret

from core.adapters.password_hashing import Argon2PasswordHasher

SMALL = Argon2PasswordHasher(memory_kib=8, time=1)


def test_a_hash_is_argon2id_with_the_parameters_of_owasp() -> None:
    """The default parameters of argon2id are those of OWASP."""
    assert Argon2PasswordHasher().hash("Lavande bleue 2018").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_right_password_matches_and_no_other() -> None:
    """Only the right password matches, with the same case and accents."""
    hashed = SMALL.hash("Lavande élue 2018")

    assert SMALL.verify(hashed, "Lavande élue 2018")
    assert not SMALL.verify(hashed, "lavande élue 2018")
    assert not SMALL.verify(hashed, "")


@pytest.mark.parametrize("hashed", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$AAAA"])
@pytest.mark.parametrize("password", ["", "Lavande bleue 2018"])
def test_without_a_usable_hash_nothing_matches_and_the_same_work_is_done(hashed: str | None, password: str) -> None:
    """Checking a password without a usable hash costs the same work. The time does not show who has a password."""
    with patch("argon2._password_hasher.verify_secret", side_effect=verify_secret) as work:
        assert not SMALL.verify(hashed, password)

    # Only real work counts: a hash that cannot be parsed costs nothing, and the dummy is hashed instead.
    assert work.call_args.args[0].startswith(b"$argon2id$v=19$m=8,t=1,p=1$")


def test_a_hash_of_former_parameters_is_outdated() -> None:
    """A hash with former parameters still matches, and is reported as outdated."""
    hashed = SMALL.hash("Lavande bleue 2018")
    today = Argon2PasswordHasher(memory_kib=16, time=1)

    assert today.needs_rehash(hashed)
    assert today.verify(hashed, "Lavande bleue 2018")
    assert not SMALL.needs_rehash(hashed)
    assert today.needs_rehash("not a hash")
