"""Passwords by argon2id."""

from unittest.mock import patch

import pytest
from argon2.low_level import verify_secret

from core.adapters.hashing import Argon2Hasher

SMALL = Argon2Hasher(memory_kib=8, time=1)


def test_a_hash_is_argon2id_with_the_parameters_of_owasp() -> None:
    """19 MiB, two passes, one lane, unless told otherwise."""
    assert Argon2Hasher().hash("Lavande bleue 2018").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_right_password_matches_and_no_other() -> None:
    """Case and accents count."""
    hashed = SMALL.hash("Lavande élue 2018")

    assert SMALL.verify(hashed, "Lavande élue 2018")
    assert not SMALL.verify(hashed, "lavande élue 2018")
    assert not SMALL.verify(hashed, "")


@pytest.mark.parametrize("hashed", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$AAAA"])
@pytest.mark.parametrize("password", ["", "Lavande bleue 2018"])
def test_without_a_usable_hash_nothing_matches_and_the_same_work_is_done(hashed: str | None, password: str) -> None:
    """So that time does not tell who has a password; the dummy's own password opens nothing."""
    with patch("argon2._password_hasher.verify_secret", side_effect=verify_secret) as work:
        assert not SMALL.verify(hashed, password)

    # Real work only: a hash that cannot be read costs nothing, and then the dummy is worked on.
    assert work.call_args.args[0].startswith(b"$argon2id$v=19$m=8,t=1,p=1$")


def test_a_hash_of_former_parameters_is_outdated() -> None:
    """And still matches, so that its owner can sign in and be rehashed."""
    hashed = SMALL.hash("Lavande bleue 2018")
    today = Argon2Hasher(memory_kib=16, time=1)

    assert today.outdated(hashed)
    assert today.verify(hashed, "Lavande bleue 2018")
    assert not SMALL.outdated(hashed)
    assert today.outdated("not a hash")
