"""A mail relay and an SMS gateway in a separate process. They accept and count everything.

They implement only the parts of Postfix's SMTP, and of Kannel's and Brevo's HTTP, that a courier needs.
"""

import asyncio
import multiprocessing
import re
import time
from abc import abstractmethod
from ctypes import Structure, c_double, c_ulong

from tests.support.product import eventually, listens

SPAWN = multiprocessing.get_context("spawn")
MAIL_ENDS = b"\r\n.\r\n"
OK = b"250 ok\r\n"
ANSWERS = {
    b"EHLO": b"250-relay\r\n250-SIZE 10485760\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
HEAD_ENDS = b"\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
SMS_TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 25\r\n\r\n0: Accepted for delivery\n"
JSON_TAKEN = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"messageId": 1}'
LOOK_SECONDS, TIMEOUT_SECONDS = 0.002, 120


class _State(Structure):
    """Shared memory of the bench and its servers."""

    mails: int
    """The number of accepted mails."""
    texts: int
    """The number of accepted SMS."""
    mail_delay: float
    """The relay's delay before it answers a mail, in seconds."""
    _fields_ = (("mails", c_ulong), ("texts", c_ulong), ("mail_delay", c_double))


class FakeServers:
    """The relay and the gateway. Call `close` at the end."""

    def __init__(self, mail_port: int, sms_port: int) -> None:
        self.state = SPAWN.RawValue(_State)
        self._process = SPAWN.Process(target=_run, args=(mail_port, sms_port, self.state), daemon=True)
        self._process.start()
        eventually(lambda: listens(mail_port) and listens(sms_port), "a relay and a gateway")

    def wait_for(self, *, mails: int = 0, texts: int = 0) -> None:
        """Wait until that many mails and SMS were accepted in total. Raises AssertionError after a timeout."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self.state.mails < mails or self.state.texts < texts:
            assert time.monotonic() < deadline, (
                f"{self.state.mails} mails of {mails}, {self.state.texts} SMS of {texts}"
            )
            time.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """Stop both."""
        self._process.terminate()
        self._process.join()


class _Connection(asyncio.Protocol):
    """A client's connection. `take` handles one complete command, mail or request from the buffer."""

    greeting = b""
    buffer = b""

    def __init__(self, state: _State) -> None:
        self.state = state

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.greeting)

    def data_received(self, data: bytes) -> None:
        """Handle all complete commands in the buffer."""
        self.buffer += data
        while self.take():
            pass

    @abstractmethod
    def take(self) -> bool:
        """Handle one command or body. Returns False if none is complete."""


class _Relay(_Connection):
    greeting = b"220 relay\r\n"
    in_mail = False

    def take(self) -> bool:
        found, separator, rest = self.buffer.partition(MAIL_ENDS if self.in_mail else b"\r\n")
        if not separator:
            return False
        self.buffer = rest
        command = b"" if self.in_mail else found[:4].upper()
        if self.in_mail:
            self.state.mails += 1
        if self.in_mail and self.state.mail_delay:
            asyncio.get_running_loop().call_later(self.state.mail_delay, self.transport.write, OK)
        else:
            self.transport.write(ANSWERS.get(command, OK))
        self.in_mail = command == b"DATA"
        return True


class _Gateway(_Connection):
    def take(self) -> bool:
        head, separator, rest = self.buffer.partition(HEAD_ENDS)
        length = LENGTH.search(head)
        size = 0 if length is None else int(length[1])
        if not separator or len(rest) < size:
            return False
        self.buffer = rest[size:]
        self.state.texts += 1
        self.transport.write(JSON_TAKEN if b"application/json" in head else SMS_TAKEN)
        return True


def _run(mail_port: int, sms_port: int, state: _State) -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(loop.create_server(lambda: _Relay(state), "127.0.0.1", mail_port))
    loop.run_until_complete(loop.create_server(lambda: _Gateway(state), "127.0.0.1", sms_port))
    loop.run_forever()
