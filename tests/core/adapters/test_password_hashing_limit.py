"""Only a limited number of passwords is hashed at once, and a limited number waits."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Semaphore

import pytest

from core.adapters.password_hashing import LimitedPasswordHasher
from core.ports import PasswordQueueFull
from tests.support.election import CountingHasher
from tests.support.product import eventually

CROWD = 12
LONG = 180.0


class SlowHasher(CountingHasher):
    """A hasher that waits for the test, and records how many passwords it hashes at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self.may_end = Semaphore(0)
        self._lock = Lock()

    def hash(self, password: str) -> str:
        self._wait()
        return super().hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        self._wait()
        return super().verify(hashed, password)

    def _wait(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.may_end.acquire(timeout=LONG)
        with self._lock:
            self.now -= 1


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CROWD) as pool:
        yield pool


def test_known_and_unknown_addresses_share_the_limit(threads: ThreadPoolExecutor) -> None:
    """The limit on simultaneous hashes is shared by new passwords and by sign-ins with known and unknown addresses."""
    slow, known = SlowHasher(), CountingHasher().hash("Lavande")
    hasher = LimitedPasswordHasher(slow, at_once=2, waiting=CROWD, wait_seconds=LONG)
    calls: list[Callable[[], object]] = [
        lambda: hasher.hash("Lavande"),
        lambda: hasher.verify(known, "Lavande"),
        lambda: hasher.verify(None, "Lavande"),
    ]
    results = [threads.submit(call) for call in calls * 4]
    eventually(lambda: slow.now == 2, "two hashes")

    slow.may_end.release(len(results))

    done = [each.result() for each in results]
    assert done[1::3] == [True] * 4
    assert done[2::3] == [False] * 4
    assert (slow.hashed, slow.verified, slow.most) == (4, 8, 2)
    assert not hasher.needs_rehash(known)


def test_a_password_that_waits_too_long_is_not_hashed(threads: ThreadPoolExecutor) -> None:
    """A password that waits too long is refused, and later passwords are hashed again."""
    slow = SlowHasher()
    hasher = LimitedPasswordHasher(slow, at_once=1, waiting=1, wait_seconds=0.05)
    first = threads.submit(hasher.hash, "Lavande")
    eventually(lambda: slow.now == 1, "a hash")

    with pytest.raises(PasswordQueueFull):
        hasher.hash("Mimosa")

    slow.may_end.release(2)
    assert first.result()
    assert hasher.hash("Tulipe")
    assert slow.hashed == 2


def test_a_password_is_refused_at_once_while_as_many_wait_as_may(threads: ThreadPoolExecutor) -> None:
    """A password is refused at once if the queue is full, and later passwords are hashed again."""
    slow = SlowHasher()
    hasher = LimitedPasswordHasher(slow, at_once=1, waiting=1, wait_seconds=LONG)
    sent = [threads.submit(hasher.hash, "Lavande") for _ in range(6)]
    eventually(lambda: sum(each.done() for each in sent) == 4, "four refusals")

    slow.may_end.release(3)

    assert [type(each.exception()) for each in sent].count(PasswordQueueFull) == 4
    assert hasher.hash("Tulipe")
    assert slow.hashed == 3
