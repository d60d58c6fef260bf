"""The daemon's Unix socket. Its path may be longer than the kernel's limit."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DESK_SOCKET = "desk.sock"
"""The socket's name in the folder of the election or of the daemon."""
UNREADY = ".new"
"""Suffix of the name of a socket that does not listen yet."""


@contextmanager
def shortened_socket_path(path: Path) -> Iterator[str]:
    """Yield a short alias of the path, valid during the block. The kernel limits a socket's path to 107 bytes."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def connect(path: Path, timeout: float) -> socket.socket:
    """Connect to the daemon's socket. Raises OSError."""
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        stream.settimeout(timeout)
        with shortened_socket_path(path) as name:
            stream.connect(name)
    except BaseException:
        stream.close()
        raise
    return stream


def listen(path: Path, *, group: int | None, waiting: int) -> socket.socket:
    """Listen at `path`. This account and the members of `group`, if any, may connect. Raises OSError.

    The socket is renamed to `path` after it listens, so that every visible socket answers. A lock on the folder
    prevents two daemons from removing each other's socket.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        return _listen(path, group=group, waiting=waiting)
    finally:
        os.close(folder)


def _listen(path: Path, *, group: int | None, waiting: int) -> socket.socket:
    if path.is_socket():
        _remove_deserted(path)
    elif os.path.lexists(path):
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    unready = path.with_name(path.name + UNREADY)
    unready.unlink(missing_ok=True)  # left by a killed daemon
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o177)
    try:
        with shortened_socket_path(unready) as name:
            stream.bind(name)
        if group is not None:
            os.chown(unready, -1, group)
            unready.chmod(0o660)
        stream.listen(waiting)
        unready.rename(path)
    except BaseException:
        stream.close()
        with suppress(OSError):
            unready.unlink()
        raise
    finally:
        os.umask(before)
    return stream


def _remove_deserted(path: Path) -> None:
    """Remove the socket of a killed daemon. Raises OSError if a daemon still listens."""
    try:
        connect(path, 1.0).close()
    except ConnectionRefusedError:
        path.unlink()
    else:
        raise FileExistsError(path)
