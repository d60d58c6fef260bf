"""One page of a Chromium of its own, driven over the pipe of the DevTools protocol.

A library that drives browsers asks for every event of the network and runs a program of its own between: that took a third of
the time of the pictures.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from guides.pictures import PictureRefused, chromium_without_netlink

PATIENCE_SECONDS = 60
"""Everything is local: a longer wait would not help."""
READ_AT_ONCE = 1 << 20
ABOVE_STANDARD_STREAMS = (3, 4)
"""The file descriptors at which Chromium expects the pipe."""

Frame = int | None
"""The execution context of a frame in the page, or None for the page itself."""


class ChromiumCommandFailed(PictureRefused):
    """Chromium did not do what it was asked; the message names it, and says why."""

    def __init__(self, asked: str, why: str) -> None:
        super().__init__(f"{asked}: {why}")


class ChromiumPage:
    """A page, and what is asked of it: an address, a script's answer, a command of the DevTools protocol."""

    def __init__(self, pipe: socket.socket, errors: Path) -> None:
        self._pipe, self._errors = pipe, errors
        self._unread = bytearray()
        self._commands = 0
        self._loaded = ""
        """The identifier that Chromium gave the page that was loaded last."""
        self._session = ""
        self._target = ""
        self._contexts: dict[int, str] = {}
        """The frame of each execution context that the pages' own scripts have."""

    def attach(self) -> None:
        """Open the page in the browser at the other end of the pipe."""
        self._target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for part in ("Page", "Runtime"):
            self.send(f"{part}.enable")
        self.send("Page.setLifecycleEventsEnabled", enabled=True)

    @property
    def inner_frames(self) -> list[Frame]:
        """The frames in the page."""
        return [context for context, frame in self._contexts.items() if frame != self._target]

    def open(self, address: str) -> None:
        """Open an address and wait until all of it is there. Raises ChromiumCommandFailed."""
        answer = self.send("Page.navigate", url=address)
        if "errorText" in answer:
            raise ChromiumCommandFailed(address, answer["errorText"])
        while self._loaded != answer["loaderId"]:
            self._heed(self._next_message())

    def evaluate(self, function: str, *arguments: object, frame: Frame = None) -> Any:  # noqa: ANN401  # a script's answer
        """Return what a script's function returns for those arguments. Raises ChromiumCommandFailed."""
        where = {} if frame is None else {"contextId": frame}
        called = f"({function})({', '.join(map(json.dumps, arguments))})"
        answer = self.send("Runtime.evaluate", expression=called, returnByValue=True, **where)
        if "exceptionDetails" in answer:
            raise ChromiumCommandFailed(function, json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def send(self, command: str, **parameters: object) -> Mapping[str, Any]:
        """Send a command of the DevTools protocol and return its answer. Raises ChromiumCommandFailed."""
        self._commands += 1
        asked = {"id": self._commands, "method": command, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        try:
            self._pipe.sendall(msgspec.json.encode(asked) + b"\0")
        except OSError as lost:
            raise self._lost(str(lost)) from lost
        while (answer := self._next_message()).get("id") != self._commands:
            self._heed(answer)
        if "error" in answer:
            raise ChromiumCommandFailed(command, answer["error"]["message"])
        result: Mapping[str, Any] = answer["result"]
        return result

    def _next_message(self) -> Mapping[str, Any]:
        while (end := self._unread.find(b"\0")) < 0:
            try:
                arrived = self._pipe.recv(READ_AT_ONCE)
            except OSError as lost:
                raise self._lost(str(lost)) from lost
            if not arrived:
                raise self._lost("it has ended")
            self._unread += arrived
        message: Mapping[str, Any] = msgspec.json.decode(self._unread[:end])
        del self._unread[: end + 1]
        return message

    def _lost(self, why: str) -> ChromiumCommandFailed:
        """Make the refusal of a Chromium that ended or is silent, with the last line of its errors."""
        lines = self._errors.read_text("utf-8", "replace").splitlines()
        return ChromiumCommandFailed("Chromium", "; ".join((why, *lines[-1:])))

    def _heed(self, event: Mapping[str, Any]) -> None:
        match event.get("method"):
            case "Page.lifecycleEvent":
                if (event["params"]["name"], event["params"]["frameId"]) == ("load", self._target):
                    self._loaded = event["params"]["loaderId"]
            case "Runtime.executionContextCreated":
                context = event["params"]["context"]
                if context["auxData"]["isDefault"]:
                    self._contexts[context["id"]] = context["auxData"]["frameId"]
            case "Runtime.executionContextDestroyed":
                self._contexts.pop(event["params"]["executionContextId"], None)
            case "Runtime.executionContextsCleared":
                self._contexts.clear()
            case _:
                pass


@contextmanager
def launch_page(options: Sequence[str]) -> Iterator[ChromiumPage]:
    """Start a Chromium that does not see the machine's addresses change, and open a page in it; end both after the block."""
    ours, theirs = socket.socketpair()
    with ours, TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        errors = Path(profile) / "errors.txt"
        with theirs:
            arguments = ["-IS", chromium_without_netlink.__file__, *options, f"--user-data-dir={profile}"]
            started = os.posix_spawn(
                sys.executable,
                [sys.executable, *arguments, "--remote-debugging-pipe", "--no-startup-window"],
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),  # kept where neither of the next two overwrites it
                    *((os.POSIX_SPAWN_DUP2, 0, each) for each in ABOVE_STANDARD_STREAMS),
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                ],
            )
        ours.settimeout(PATIENCE_SECONDS)
        page = ChromiumPage(ours, errors)
        try:
            page.attach()
            yield page
        finally:
            os.kill(started, signal.SIGKILL)  # nothing of it is kept; its other processes end with it
            os.waitpid(started, 0)
