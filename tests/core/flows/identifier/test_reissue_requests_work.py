"""Tests that a wrong birth date and a wrong NUMEN cost the same work, so that nobody learns which one was wrong."""

from unittest.mock import patch

import pytest

from core.adapters.key_vault import KeyVault
from core.forms.flow_model import FormErrors
from tests.support.reissues import identity, numen_of, reissuer
from tests.support.stores import statements
from tests.support.worlds import World

WRONG = {
    "date": {"birth_date-day": "30"},
    "numen": {"numen": numen_of("nobody")},
    "somebody else's numen": {"numen": numen_of("both@ac-lumiere.example")},
    "both": {"birth_date-day": "30", "numen": numen_of("nobody")},
}


def test_the_same_queries_digests_and_answer_whatever_is_wrong(world: World) -> None:
    """The database statements, the digests and the refusal are the same, whichever value is wrong."""
    work: dict[str, tuple[object, ...]] = {}
    voters = {name: reissuer(world, f"{name.split()[0]}{len(name)}@ac-lumiere.example") for name in WRONG}
    reissuer(world, "both@ac-lumiere.example")
    for name, voter in voters.items():
        voter.request()
        hashed = world.hasher.hashed, world.hasher.verified
        with (
            patch.object(KeyVault, "digest", autospec=True, side_effect=KeyVault.digest) as digests,
            statements(world.kept.engine) as seen,
            pytest.raises(FormErrors) as told,
        ):
            voter.prove(**WRONG[name])
        answer = {field: (rejected.id, rejected.reason) for field, rejected in told.value.by_field.items()}
        purposes = [call.args[1] for call in digests.call_args_list]
        assert (world.hasher.hashed, world.hasher.verified) == hashed
        work[name] = (seen, purposes, answer, told.value.tries, [event.reason for event in _journal(world, voter)])

    first, *others = work.values()
    assert all(each == first for each in others)
    assert set(WRONG["both"]) <= set(identity())


def _journal(world: World, voter: object) -> list[object]:
    case = voter.shown().case  # type: ignore[attr-defined]  # a Reissuer
    return list(world.journal(case))
