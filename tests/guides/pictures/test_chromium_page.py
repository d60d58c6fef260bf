"""A Chromium that is driven over its pipe sees no network change, says what it could not do, and leaves nothing behind."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from guides.pictures import chromium_without_netlink
from guides.pictures.chromium_page import ChromiumCommandFailed, launch_page
from guides.pictures.deterministic_chromium import OPTIONS
from tests.support.product import alive, descendants, eventually, free_port
from tests.support.product.processes import name_of


def test_what_chromium_refuses_is_told() -> None:
    """A dead address, a script's error and an unknown command each raise ChromiumCommandFailed, which names it; the page goes on."""
    with launch_page(OPTIONS) as page:
        dead = f"http://127.0.0.1:{free_port()}/"
        with pytest.raises(ChromiumCommandFailed, match=rf"{dead}: net::ERR_CONNECTION_REFUSED"):
            page.open(dead)
        with pytest.raises(ChromiumCommandFailed, match="missing is not defined"):
            page.evaluate("() => missing")
        with pytest.raises(ChromiumCommandFailed, match=r"Page\.unknown"):
            page.send("Page.unknown")
        assert page.evaluate("(one, other) => one + other", 1, 2) == 3


def test_chromium_does_not_see_that_an_address_is_added_and_ends_with_all_its_processes() -> None:
    """No netlink socket is open, through which a new network address would abort navigations, and no process stays."""
    former = set(running())
    with launch_page(OPTIONS):
        chromium = set(running()) - former
        table = Path("/proc/net/netlink").read_text().splitlines()
        netlink = {f"socket:[{line.split()[-1]}]" for line in table}
        assert len(chromium) > 1
        assert not netlink & {file for pid in chromium for file in open_files(pid)}

    eventually(lambda: not any(map(is_chromium, chromium)), "the end of Chromium's processes")


def test_a_chromium_that_ends_is_told_with_its_own_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chromium that dies while it is asked raises ChromiumCommandFailed; so does one that does not start, with what it wrote last."""
    former = set(running())
    with launch_page(OPTIONS) as page:
        for pid in set(running()) - former:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for _ in "ab":
            with pytest.raises(ChromiumCommandFailed, match=r"^Chromium: "):
                page.evaluate("() => 1")

    program = tmp_path / "chromium.py"
    program.write_text("import sys; sys.exit('no room on the device')")
    monkeypatch.setattr(chromium_without_netlink, "__file__", str(program))
    with pytest.raises(ChromiumCommandFailed, match="no room on the device"), launch_page(OPTIONS):
        pass


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
