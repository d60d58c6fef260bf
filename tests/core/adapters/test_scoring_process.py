"""CASE 50: passwords are scored in a process that is ended when one takes too long."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.adapters.password_strength import PasswordScoringProcess
from core.ports import PasswordQueueFull, PasswordScoringTimeout
from tests.support.product import alive, descendants, eventually

SLOW_24 = "4@8({[<3691!|70$5+7%2aA0"
"""All symbols that zxcvbn reads as letters; it tries each combination of their readings."""
SLOW_72 = SLOW_24 * 3
STRONG = "Girafe-Tambour-Ciseau-42"
SCORE_FOR_EVER = """
import os, sys
from core.adapters.password_strength import PasswordScoringProcess
scoring = PasswordScoringProcess(cpu_seconds=1, seconds=60)
print(scoring.score("password", ()), flush=True)
while True:
    try:
        scoring.score(sys.argv[1], ())
    except Exception:
        pass
"""


@pytest.fixture
def scoring() -> Iterator[PasswordScoringProcess]:
    """A process with a fourth of the time that the slowest password takes, and many times that of the others."""
    with closing(PasswordScoringProcess(cpu_seconds=0.4, seconds=180)) as made:
        yield made


def pids(scoring: PasswordScoringProcess) -> list[int]:
    """Return the id of its process, while there is one."""
    return [each.pid for each in (scoring._process,) if each is not None and alive(each.pid)]


def test_case_50_a_password_that_takes_too_long_ends_the_process(scoring: PasswordScoringProcess) -> None:
    """CASE 50: the next password is scored by a new process."""
    assert scoring.score("password", ()) == 0
    (first,) = pids(scoring)

    with pytest.raises(PasswordScoringTimeout):
        scoring.score(SLOW_72, ())

    assert not alive(first)
    assert scoring.score(STRONG, ()) == 4
    assert first not in pids(scoring)


def test_one_process_scores_all_other_passwords() -> None:
    """One process scores all of them, and begins with the first."""
    with closing(PasswordScoringProcess(cpu_seconds=60, seconds=60)) as scoring:
        assert pids(scoring) == []
        scoring.score("password", ())
        begun = pids(scoring)

        assert [scoring.score(each, ("Wamytan",)) for each in ("é" * 72, SLOW_24, 'a"\\\n\0\ud800')]

        assert len(begun) == 1
        assert pids(scoring) == begun
    assert pids(scoring) == []


def test_a_process_that_was_killed_is_replaced_for_the_same_password(scoring: PasswordScoringProcess) -> None:
    """A process killed for want of memory is replaced, and the password is not called too complex."""
    scoring.score("password", ())
    (first,) = pids(scoring)
    os.kill(first, signal.SIGKILL)

    assert scoring.score(STRONG, ()) == 4


def test_a_process_that_does_not_answer_is_ended() -> None:
    """A process without processor time is ended after a limit, and the password is not called too complex."""
    before = set(descendants(os.getpid()))
    with closing(PasswordScoringProcess(cpu_seconds=5, seconds=0)) as late:
        with pytest.raises(PasswordQueueFull):
            late.score("password", ())

        assert not any(map(alive, set(descendants(os.getpid())) - before))


def test_the_process_ends_when_we_are_killed() -> None:
    """No scoring process outlives its parent, even one that was ended by SIGKILL."""
    command = [sys.executable, "-c", SCORE_FOR_EVER, SLOW_72]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"0\n"
        (child,) = eventually(lambda: descendants(parent.pid), "a process that scores")
        parent.kill()

    eventually(lambda: not alive(child), "its end")


def test_the_process_loads_nothing_of_the_site_and_gets_none_of_its_secrets(
    scoring: PasswordScoringProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process has no module of ours, no variable and no file but its three streams."""
    monkeypatch.setenv("RETROUVE_DATABASE_URL", "postgresql://secret")
    with Path(os.devnull).open() as file:
        os.set_inheritable(file.fileno(), True)  # noqa: FBT003  # its only argument
        scoring.score("password", ())
        (pid,) = pids(scoring)

    assert Path(f"/proc/{pid}/environ").read_bytes() == b""
    assert sorted(path.name for path in Path(f"/proc/{pid}/fd").iterdir()) == ["0", "1", "2"]
