"""One page of the system's Chromium, which contacts nobody and draws the same bytes each time.

It is driven over the pipe of the DevTools protocol.

A library that drives browsers asks for every event of the network and runs a program of its own between: that took a third of
the time of the pictures.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import msgspec

from core.text.faces import guides_cli_sentences as words
from guides.pictures import ChromiumEnded, PictureRefused, chromium_without_netlink, raise_if_disk_is_full
from guides.pictures.chromium_without_netlink import CHROMIUM
from guides.pictures.sandboxed_site_interface import SandboxedSite

PATIENCE_SECONDS = 60
"""Everything is local: a longer wait would not help."""
SECONDS_TO_END = 5
"""The time from the end of the pipe to the end of its process."""
READ_AT_ONCE = 1 << 20
WITH_PIPE = 'exec "$@" 3<&0 4>&0 0</dev/null'
"""A shell's command: the standard input becomes the pipe where Chromium expects it."""
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-back-forward-cache",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-field-trial-config",
    "--mute-audio",
    "--password-store=basic",
)
SAME_AT_EACH_RUN = (
    "--disable-lcd-text",
    "--disable-font-subpixel-positioning",  # else the height of a line depends on the scales of the pages before it
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--enable-blink-features=ComputedAccessibilityInfo",  # a script may ask what a screen reader says of an element
    # a mail in a process of its own would not follow the page's scale; a new frame for each page costs a quarter of its time
    "--disable-features=IsolateSandboxedIframes,RenderDocument",
    "--enable-features=NetworkServiceInProcess2",
    "--in-process-gpu",
    "--run-all-compositor-stages-before-draw",  # else a busy machine's picture may lack squares that were not drawn in time
)
PORTS = {"http": 80, "https": 443}

Frame = int | None
"""The execution context of a frame in the page, or None for the page itself."""


class ChromiumMissing(Exception):
    """Chromium is not installed."""


class ChromiumCommandFailed(PictureRefused):
    """Chromium did not do what it was asked; the message names it, and says why."""

    def __init__(self, asked: str, why: str) -> None:
        super().__init__(f"{asked}: {why}")


class ChromiumPage:
    """A page, and what is asked of it: an address, a script's answer, a command of the DevTools protocol."""

    def __init__(self, pipe: socket.socket, process: subprocess.Popen[bytes], errors: Path) -> None:
        self._pipe, self._process, self._errors = pipe, process, errors
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
        for part in ("Inspector", "Page", "Runtime"):
            self.send(f"{part}.enable")
        self.send("Page.setLifecycleEventsEnabled", enabled=True)

    @property
    def inner_frames(self) -> list[Frame]:
        """The frames in the page."""
        return [context for context, frame in self._contexts.items() if frame != self._target]

    def open(self, address: str) -> None:
        """Open an address and wait until all of it is there. Raises ChromiumCommandFailed, ChromiumEnded."""
        answer = self.send("Page.navigate", url=address)
        if "errorText" in answer:
            raise self._failed(address, answer["errorText"])
        while self._loaded != answer["loaderId"]:
            self._heed(self._next_message())

    def evaluate(self, function: str, *arguments: object, frame: Frame = None) -> Any:  # noqa: ANN401  # a script's answer
        """Return what a script's function returns for those arguments, or its promise's value. Raises ChromiumCommandFailed, ChromiumEnded."""
        where = {} if frame is None else {"contextId": frame}
        called = f"({function})({', '.join(map(json.dumps, arguments))})"
        answer = self.send("Runtime.evaluate", expression=called, returnByValue=True, awaitPromise=True, **where)
        if "exceptionDetails" in answer:
            raise self._failed(function, json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def send(self, command: str, **parameters: object) -> Mapping[str, Any]:
        """Send a command of the DevTools protocol and return its answer. Raises ChromiumCommandFailed, ChromiumEnded."""
        self._commands += 1
        asked = {"id": self._commands, "method": command, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        try:
            self._pipe.sendall(msgspec.json.encode(asked) + b"\0")
        except OSError:
            raise self._lost() from None
        while (answer := self._next_message()).get("id") != self._commands:
            self._heed(answer)
        if "error" in answer:
            raise self._failed(command, answer["error"]["message"])
        result: Mapping[str, Any] = answer["result"]
        return result

    def _next_message(self) -> Mapping[str, Any]:
        while (end := self._unread.find(b"\0")) < 0:
            try:
                arrived = self._pipe.recv(READ_AT_ONCE)
            except OSError:
                raise self._lost() from None
            if not arrived:
                raise self._lost()
            self._unread += arrived
        message: Mapping[str, Any] = msgspec.json.decode(self._unread[:end])
        del self._unread[: end + 1]
        return message

    def _failed(self, asked: str, why: str) -> ChromiumCommandFailed:
        """Make the refusal of what was asked. Raises OSError if the disk is full, which it then only results from."""
        raise_if_disk_is_full(self._errors.parent)
        return ChromiumCommandFailed(asked, why)

    def _lost(self) -> ChromiumEnded:
        """Make the refusal of a Chromium that ended or is silent, with its cause. Raises OSError if the disk is full."""
        raise_if_disk_is_full(self._errors.parent)
        try:
            status = self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            return ChromiumEnded(words.CHROMIUM_SILENT.fill({"seconds": PATIENCE_SECONDS}))
        return ChromiumEnded.of_process(status, self._errors.read_text("utf-8", "replace"))

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
            case "Inspector.targetCrashed":
                raise_if_disk_is_full(self._errors.parent)
                raise ChromiumEnded(words.CHROMIUM_KILLED)
            case _:
                pass


@contextmanager
def launch_page(options: Sequence[str]) -> Iterator[ChromiumPage]:
    """Start a Chromium that does not see the machine's addresses change, and open a page in it; end both after the block."""
    ours, theirs = socket.socketpair()
    with ours, TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        errors = Path(profile) / "errors.txt"
        arguments = ["-IS", chromium_without_netlink.__file__, *options, f"--user-data-dir={profile}"]
        command = [sys.executable, *arguments, "--remote-debugging-pipe", "--no-startup-window"]
        with theirs, errors.open("wb") as written:
            command[:0] = ["/bin/sh", "-c", WITH_PIPE, "sh"]
            process = subprocess.Popen(command, stdin=theirs.fileno(), stderr=written)  # noqa: S603  # constants
        ours.settimeout(PATIENCE_SECONDS)
        page = ChromiumPage(ours, process, errors)
        try:
            page.attach()
            yield page
        finally:
            process.kill()  # nothing of it is kept; its other processes end with it
            process.wait()


def chromium_version() -> str:
    """Return its version, on which pictures depend. Raises ChromiumMissing, ChromiumEnded, OSError."""
    if not Path(CHROMIUM).exists():
        raise ChromiumMissing
    told = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  # a constant
    if told.returncode:
        raise ChromiumEnded.of_process(told.returncode, told.stderr)
    return told.stdout.strip()


@contextmanager
def open_page(sandbox: SandboxedSite) -> Iterator[ChromiumPage]:
    """Open a page that finds the election's site where the sandbox serves it: its address is the one voters will read.

    It stands in the election's time zone, and nothing in it moves.
    """
    site = urlsplit(sandbox.site)
    host, port = site.hostname, site.port or PORTS[site.scheme]
    found = f"--host-resolver-rules=MAP {host}:{port} 127.0.0.1:{sandbox.port}"
    with launch_page((*OPTIONS, *SAME_AT_EACH_RUN, found)) as page:
        page.send("Security.setIgnoreCertificateErrors", ignore=True)  # the sandbox signs for itself
        page.send("Emulation.setLocaleOverride", locale=sandbox.language.value)
        page.send("Emulation.setTimezoneOverride", timezoneId=str(sandbox.calendar.zone))
        yield page
