"""Configures, starts and stops Kannel's two processes, bearerbox and smsbox. Both are called boxes.

Logs of level 1 and access logs of Kannel contain the texts of SMS, with codes and identifiers. Both are switched off
here, as in `deploy/kannel/`.
"""

import os
import shutil
import subprocess
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

BEARERBOX, SMSBOX = "bearerbox", "smsbox"
POLL_SECONDS = 0.05
SECONDS_TO_START = 20
CONFIGURATION = """\
group = core
admin-port = {admin_port}
admin-interface = 127.0.0.1
admin-password = {password}
admin-allow-ip = 127.0.0.1
smsbox-port = {box_port}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
# Level 1 would log the texts of messages.
log-level = 2
# After a crash, Kannel still has the messages that it has not passed on, and still knows which reports it expects.
store-type = spool
store-location = {folder}/spool
dlr-storage = spool
dlr-spool = {folder}/reports
sms-resend-freq = 1

{smsc}
group = smsbox
smsbox-id = retrouve
bearerbox-host = 127.0.0.1
bearerbox-port = {box_port}
sendsms-port = {send_port}
sendsms-interface = 127.0.0.1
sendsms-chars = "0123456789+"
log-file = {folder}/smsbox.log
log-level = 2
# Kannel sends a report or an answer again if our site does not accept it. Without these settings it would be lost at once.
http-request-retry = 60
http-queue-delay = 2

group = smsbox-route
smsbox-id = retrouve
smsc-id = operator

group = sendsms-user
username = {username}
password = {password}
user-allow-ip = 127.0.0.1
max-messages = 1

# Every SMS from a voter goes to our site. Kannel itself never answers an SMS.
group = sms-service
keyword = default
catch-all = true
get-url = "{inbound}?id=%I&from=%p&text=%a"
max-messages = 0
omit-empty = true
"""
SMPP_SMSC = """\
group = smsc
smsc = smpp
smsc-id = operator
our-host = 127.0.0.1
host = 127.0.0.1
port = {port}
smsc-username = retrouve
smsc-password = {password}
system-type = VMA
interface-version = 34
transceiver-mode = true
source-addr-ton = 1
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1
reconnect-delay = 1
enquire-link-interval = 5
"""


@dataclass
class LocalKannel:
    """Both boxes of Kannel in one folder. `smsc` is the part of the configuration for the operator."""

    folder: Path
    admin_port: int
    box_port: int
    send_port: int
    smsc: str
    username: str
    password: str = field(repr=False)
    inbound: str = field(repr=False)
    boxes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _changing: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def sendsms_url(self) -> str:
        """URL to which couriers post SMS."""
        return f"http://127.0.0.1:{self.send_port}/cgi-bin/sendsms"

    def configure(self) -> None:
        """Write kannel.conf. Only the test's own account can read it, because it contains passwords."""
        for name in ("spool", "reports"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / "kannel.conf"
        path.touch(mode=0o600)
        path.write_text(CONFIGURATION.format(**vars(self)), encoding="utf-8")

    def start(self, *names: str) -> None:
        """Start both boxes, or only the named ones, and wait until they are connected. Raises TimeoutError.

        A smsbox that must send an SMS before it is connected to bearerbox panics, perhaps only later. In this case,
        call `restart_dead_boxes`.
        """
        deadline = time.monotonic() + SECONDS_TO_START
        for name in names or (BEARERBOX, SMSBOX):
            with self._changing:
                self._begin(name)
            while not self._known(name):
                if time.monotonic() > deadline:
                    raise TimeoutError(name)
                self.restart_dead_boxes()
                time.sleep(POLL_SECONDS)

    def restart_dead_boxes(self) -> None:
        """Restart the boxes that have died, as a supervisor such as systemd does."""
        with self._changing:
            for name in [name for name, box in self.boxes.items() if box.poll() is not None]:
                self._begin(name)

    def status(self) -> str:
        """Return the status page of bearerbox, or an empty string if bearerbox does not answer."""
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/status.txt", timeout=2) as page,
        ):  # loopback
            return str(page.read().decode())
        return ""

    def kill(self, name: str) -> None:
        """Kill a box. After smsbox was killed, wait until bearerbox has noticed it."""
        with self._changing:
            box = self.boxes.pop(name)
        box.kill()
        box.wait()
        while name == SMSBOX and self._known(name):
            time.sleep(POLL_SECONDS)

    def _begin(self, name: str) -> None:
        self.boxes[name] = subprocess.Popen(
            [box_executable(name), str(self.folder / "kannel.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _known(self, name: str) -> bool:
        """Return whether bearerbox runs, or reports that smsbox is connected."""
        return ("running" if name == BEARERBOX else "smsbox:") in self.status()


def box_executable(name: str) -> str:
    """Return the path of a box. If it is not installed, return only its name."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin") or name
