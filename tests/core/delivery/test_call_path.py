"""The functions between a claimed ask and the relay's answer are those that docs/call-paths.md lists, at most thirty."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import core
from core.ports import ComposedMail, SendAccepted, SendPostponed, SendRefused
from tests.support.call_path import written
from tests.support.post import Post
from tests.support.worlds import World

CORE = Path(core.__file__).parent
ADAPTERS = CORE / "adapters"

CLAIM = "claim"

MOST = 30


class Trace:
    """The functions of the core that were entered since the claim, each once. What an adapter calls belongs to the adapter."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self._adapter: FrameType | None = None

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """Handle an event of `sys.setprofile`."""
        if frame is self._adapter and event == "return":
            self._adapter = None
        if event != "call" or self._adapter is not None:
            return
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ADAPTERS):
            self._adapter = frame
            if frame.f_code.co_name == CLAIM:
                self.functions.clear()
        elif path.is_relative_to(CORE) and not re.search(r"<(list|dict|gen)\w+>$", frame.f_code.co_qualname):
            self._note(f"{'.'.join(path.relative_to(CORE).with_suffix('').parts)}: {frame.f_code.co_qualname}")

    def _note(self, function: str) -> None:
        if function not in self.functions:
            self.functions.append(function)


@contextmanager
def traced() -> Iterator[Trace]:
    """Trace what this thread calls."""
    trace = Trace()
    sys.setprofile(trace)
    try:
        yield trace
    finally:
        sys.setprofile(None)


class LastCall(Post):
    """A relay that ends the trace when it answers."""

    def send(self, envelope: ComposedMail) -> SendAccepted | SendRefused | SendPostponed:
        """Answer that the message was taken."""
        sys.setprofile(None)
        return super().send(envelope)


def test_an_ask_reaches_the_relay_through_the_listed_functions(world: World) -> None:
    """Only the first mail of the round is traced."""
    world.add()
    world.ask()
    courier = world.courier(LastCall())

    with traced() as trace:
        courier.run_once()

    assert trace.functions == written("From a claimed ask to the relay's answer")
    assert len(trace.functions) <= MOST
