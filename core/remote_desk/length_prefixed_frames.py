"""Frames of a stream: four bytes of length, then so many bytes. None is waited for without an end."""

import socket
import struct
import time

LENGTH = struct.Struct(">I")


class FrameTooLong(Exception):
    """The other end announced more than it may send."""


class FrameTooSlow(Exception):
    """A frame was begun and did not come to its end in time."""


def read_frame(stream: socket.socket, *, max_bytes: int, idle_seconds: float, timeout_seconds: float) -> bytes | None:
    """Return the next frame, which may begin within `idle_seconds` seconds and take `timeout_seconds`; None when none begins.

    Raises FrameTooLong, FrameTooSlow, OSError.
    """
    stream.settimeout(idle_seconds)
    try:
        begun = stream.recv(LENGTH.size)
    except TimeoutError:
        return None
    if not begun:
        return None
    ends_at = time.monotonic() + timeout_seconds
    head = begun + _read(stream, LENGTH.size - len(begun), ends_at)
    (length,) = LENGTH.unpack(head)
    if length > max_bytes:
        raise FrameTooLong
    return _read(stream, length, ends_at)


def send_frame(stream: socket.socket, content: bytes, *, timeout_seconds: float) -> None:
    """Send a frame in that many seconds. Raises OSError."""
    stream.settimeout(timeout_seconds)
    stream.sendall(LENGTH.pack(len(content)) + content)


def _read(stream: socket.socket, length: int, ends_at: float) -> bytes:
    """Read exactly so many bytes. Raises FrameTooSlow, OSError."""
    parts = bytearray()
    while len(parts) < length:
        left = ends_at - time.monotonic()
        if left <= 0:
            raise FrameTooSlow
        stream.settimeout(left)
        try:
            part = stream.recv(min(length - len(parts), 65536))
        except TimeoutError:
            raise FrameTooSlow from None
        if not part:
            raise ConnectionResetError
        parts += part
    return bytes(parts)
