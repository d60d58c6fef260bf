"""A Chromium that is driven over its pipe sees no network change, says what it could not do, and leaves nothing behind."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest

from guides import pictures
from guides.pictures import ChromiumEnded, chromium_without_netlink
from guides.pictures.chromium_page import OPTIONS, ChromiumCommandFailed, launch_page
from tests.support.product import alive, descendants, eventually, free_port
from tests.support.product.processes import name_of


def test_chromium_tells_what_it_refuses_sees_no_new_address_and_ends_with_all_its_processes() -> None:
    """A dead address, a script's error and an unknown command each raise ChromiumCommandFailed, which names it, and the page goes on.

    No netlink socket is open, through which a new network address would abort navigations, and no process stays.
    """
    former = set(running())
    with launch_page(OPTIONS) as page:
        dead = f"http://127.0.0.1:{free_port()}/"
        with pytest.raises(ChromiumCommandFailed, match=rf"{dead}: net::ERR_CONNECTION_REFUSED"):
            page.open(dead)
        with pytest.raises(ChromiumCommandFailed, match="missing is not defined"):
            page.evaluate("() => missing")
        with pytest.raises(ChromiumCommandFailed, match=r"Page\.unknown"):
            page.send("Page.unknown")
        assert page.evaluate("(one, other) => one + other", 1, 2) == 3
        chromium = set(running()) - former
        table = Path("/proc/net/netlink").read_text().splitlines()
        netlink = {f"socket:[{line.split()[-1]}]" for line in table}
        assert len(chromium) > 1
        assert not netlink & {file for pid in chromium for file in open_files(pid)}

    eventually(lambda: not any(map(is_chromium, chromium)), "the end of Chromium's processes")


NOISE = "[1:2:1128/000000.1:ERROR:dbus/bus.cc:408] Failed to connect to the bus: No such file or directory\n"
FATAL = "[1:2:1128/000000.2:FATAL:sandbox/linux.cc:1] No usable sandbox"
CAUSES = {
    "library": (
        f"{NOISE}chromium: error while loading shared libraries: libnss3.so: cannot open",
        "library libnss3.so",
    ),
    "assertion": (f"{NOISE}{FATAL}\n#0 0x55d\n{NOISE}", "No usable sandbox"),
    "status": (NOISE, "exit status 3"),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_chromium_that_does_not_start_names_the_cause(
    cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Chromium that does not start is told with its cause, and not with the noise that it writes beside it."""
    written, told = CAUSES[cause]
    program = tmp_path / "chromium.py"
    program.write_text(f"import sys; sys.stderr.write({written!r}); sys.exit(3)")
    monkeypatch.setattr(chromium_without_netlink, "__file__", str(program))
    with pytest.raises(ChromiumEnded, match=told) as refused, launch_page(OPTIONS):
        pass
    assert "bus" not in str(refused.value)


@pytest.mark.parametrize(
    "kinds", ["--type=renderer", "", "/usr/lib/chromium/"], ids=["page", "all", "all-but-the-shell"]
)
def test_a_chromium_that_is_killed_or_has_no_room_says_so(kinds: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The death of the page, of all of Chromium or of what its shell runs is told alike; a full disk is told in its place."""
    former = set(running())
    with launch_page(OPTIONS) as page:
        for pid in set(running()) - former:
            with suppress(OSError):
                if kinds in Path(f"/proc/{pid}/cmdline").read_text():
                    os.kill(pid, signal.SIGKILL)
        with pytest.raises(ChromiumEnded, match="stopped by force"):
            page.evaluate("() => 1")
        monkeypatch.setattr(pictures, "disk_usage", lambda _: Mock(free=0))
        page._pipe.settimeout(0.1)  # of a page that has died nothing comes, in a minute either
        with pytest.raises(OSError, match="No space left"):
            page.evaluate("() => 1")


def running() -> Iterator[int]:
    """Return the Chromium processes below this one."""
    return filter(is_chromium, descendants(os.getpid()))


def is_chromium(pid: int) -> bool:
    """Tell whether that process is a Chromium that has not ended."""
    return name_of(pid).startswith("chromium") and alive(pid)


def open_files(pid: int) -> Iterator[str]:
    """Return the names of the files that the process has open; both may vanish meanwhile."""
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield str(descriptor.readlink())
