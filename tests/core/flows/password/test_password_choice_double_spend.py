"""Tests of one recovery link that many browsers use at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from threading import Barrier

import pytest

from core.flows.password.password_choice import RecoveryLinks
from core.forms import errors
from core.ports import Store, Transaction
from tests.support.careless import compare_nothing
from tests.support.election import visit
from tests.support.worlds import World

CROWD = 16


@dataclass(frozen=True)
class Together:
    """A store whose writes wait until all browsers have read that the link is valid."""

    store: Store
    _all_here: Barrier = field(default_factory=lambda: Barrier(CROWD))

    def read(self) -> AbstractContextManager[Transaction]:
        return self.store.read()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        self._all_here.wait()
        with self.store.write() as transaction:
            yield transaction

    def close(self) -> None:
        self.store.close()


def password(number: int) -> str:
    return f"Lavande bleue {number:04}"


def race(world: World) -> list[object]:
    """Let many browsers choose a password with one link at the same time. Return the result of each."""
    token = world.link()
    links = RecoveryLinks(replace(world.dependencies, store=Together(world.store)))

    def post(number: int) -> object:
        try:
            links.choose_password(token, password(number))
        except errors.Refusal as refusal:
            return type(refusal)
        return number

    with ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(post, range(CROWD)))


def test_one_of_many_passwords_on_one_link_is_in_force(any_world: World) -> None:
    """One browser's password is accepted, and the others are refused because the link was used."""
    any_world.add()
    for _ in range(5):
        any_world.clock.move(hours=1)  # a network may ask four times in one
        got = race(any_world)

        (winner,) = [each for each in got if isinstance(each, int)]
        assert got.count(errors.LinkUsed) == CROWD - 1
        opening = [n for n in range(CROWD) if any_world.hasher.verify(any_world.voter().password, password(n))]
        assert opening == [winner]

    signed = any_world.sessions.sign_in(any_world.voter().email, password(winner), visit())
    any_world.post.taken.clear()
    any_world.courier().run_once()

    assert any_world.sessions.signed_in_voter(signed.session).voter == any_world.voter()
    assert [mail.stop is not None for mail in any_world.post.taken] == [True]


def test_without_the_version_check_many_win(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the version check, several passwords are accepted, so the test above would find the fault."""
    world.add()
    compare_nothing(monkeypatch)

    got = race(world)

    assert len([each for each in got if isinstance(each, int)]) > 1
