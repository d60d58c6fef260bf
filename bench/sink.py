"""A relay that takes every mail and a gateway that takes every SMS; both forget and count: `python -m bench.sink PORT SMS_PORT`.

They speak the least that a courier needs, SMTP with PIPELINING as Postfix does and HTTP as Kannel does, and are told over the
standard input: "delay 0.1" makes each mail take that many seconds; each line is answered with both counts.
"""

import asyncio
import re
import sys

HELLO = b"250-sink\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250 8BITMIME\r\n"
END = b"\r\n.\r\n"
HEAD_ENDS = b"\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 25\r\n\r\n0: Accepted for delivery\n"


class Counted:
    """What all the connections share."""

    mails = 0
    texts = 0
    delay = 0.0


class Session(asyncio.Protocol):
    """One courier's connection."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._buffer = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greets."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Takes commands, or the mail that follows DATA."""
        self._buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        end = END if self._in_data else b"\r\n"
        found, separator, rest = self._buffer.partition(end)
        if not separator:
            return False
        self._buffer = rest
        if self._in_data:
            self._taken()
        else:
            self._answer(found[:4].upper())
        return True

    def _taken(self) -> None:
        self._in_data = False
        self._counted.mails += 1
        if self._counted.delay:
            asyncio.get_running_loop().call_later(self._counted.delay, self._transport.write, b"250 taken\r\n")
        else:
            self._transport.write(b"250 taken\r\n")

    def _answer(self, command: bytes) -> None:
        match command:
            case b"EHLO":
                self._transport.write(HELLO)
            case b"DATA":
                self._in_data = True
                self._transport.write(b"354 go on\r\n")
            case b"QUIT":
                self._transport.write(b"221 bye\r\n")
                self._transport.close()
            case _:
                self._transport.write(b"250 ok\r\n")


class Gateway(asyncio.Protocol):
    """One connection of a courier that sends SMS."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Waits."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Takes each request as soon as it is whole."""
        self._buffer += data
        while self._taken():
            self._counted.texts += 1
            self._transport.write(TAKEN)

    def _taken(self) -> bool:
        head, separator, rest = self._buffer.partition(HEAD_ENDS)
        length = LENGTH.search(head)
        size = 0 if length is None else int(length[1])
        if not separator or len(rest) < size:
            return False
        self._buffer = rest[size:]
        return True


async def serve(port: int, sms_port: int) -> None:
    """Until its standard input ends."""
    counted = Counted()
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Session(counted), "127.0.0.1", port)
    await loop.create_server(lambda: Gateway(counted), "127.0.0.1", sms_port)
    told = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    print("ready", flush=True)  # noqa: T201  # read by whoever started it
    while line := await told.readline():
        command, *seconds = line.split()
        if command == b"delay":
            counted.delay = float(seconds[0])
        print(counted.mails, counted.texts, flush=True)  # noqa: T201  # likewise


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:])))
