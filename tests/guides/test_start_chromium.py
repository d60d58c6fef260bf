"""The test browser does not react to network changes of this machine."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.product import descendants


def test_chromium_does_not_see_that_an_address_is_added(browser: Browser) -> None:
    """Chromium has no netlink socket, through which a new network address would abort its navigations."""
    page = browser.new_page()
    chromium = [pid for pid in descendants(os.getpid()) if is_chromium(pid)]
    table = Path("/proc/net/netlink").read_text().splitlines()
    netlink = {f"socket:[{line.split()[-1]}]" for line in table}
    assert chromium
    assert not netlink & {file for pid in chromium for file in open_files(pid)}
    page.close()


def is_chromium(pid: int) -> bool:
    """Tell whether that process is a Chromium that still runs."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().startswith("chromium")
    return False


def open_files(pid: int) -> Iterator[str]:
    """Return the names of the files that the process has open; both may vanish meanwhile."""
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield str(descriptor.readlink())
