"""A relay that takes every mail, forgets it and counts: `python -m bench.sink PORT`.

It speaks the least of SMTP that a courier needs, PIPELINING as Postfix does, and is told over its standard input: "delay
0.1" makes each mail take that many seconds, "count" is answered on the standard output.
"""

import asyncio
import sys

HELLO = b"250-sink\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250 8BITMIME\r\n"
END = b"\r\n.\r\n"


class Counted:
    """What all the connections share."""

    mails = 0
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


async def serve(port: int) -> None:
    """Until its standard input ends."""
    counted = Counted()
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Session(counted), "127.0.0.1", port)
    told = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    print("ready", flush=True)  # noqa: T201  # read by whoever started it
    while line := await told.readline():
        command, *seconds = line.split()
        if command == b"delay":
            counted.delay = float(seconds[0])
        print(counted.mails, flush=True)  # noqa: T201  # likewise


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
