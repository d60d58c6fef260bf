"""Lets a build finish the current page or picture after a stop signal."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from core.text.faces import guides_cli_sentences as words
from guides import HelpNotBuilt

_interrupted = Event()


@contextmanager
def interruptible_by_signals() -> Iterator[None]:
    """After Ctrl+C, SIGTERM or SIGHUP, stop the block only when it calls `raise_if_interrupted`."""
    _interrupted.clear()
    numbers = [each for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if _is_heeded(each)]
    former = {each: signal.signal(each, _interrupt) for each in numbers}
    try:
        yield
    except Exception:
        raise_if_interrupted()  # Ctrl+C may have reached Playwright's driver too, which then fails
        raise
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)


def raise_if_interrupted() -> None:
    """Raise HelpNotBuilt if a stop signal has arrived."""
    if _interrupted.is_set():
        raise HelpNotBuilt(words.INTERRUPTED) from None


def _is_heeded(number: signal.Signals) -> bool:
    """Return False if the process ignores the signal."""
    return signal.getsignal(number) is not signal.SIG_IGN


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _interrupted.set()  # Playwright's event loop does not survive an exception raised here
    for each in filter(_is_heeded, (signal.SIGINT, signal.SIGTERM)):
        signal.signal(each, signal.SIG_DFL)
