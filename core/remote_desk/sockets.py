"""The daemon's socket in the file system, however long the path of its folder is."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DESK_SOCKET = "desk.sock"
"""The name of the socket, in the folder of the election or of the daemon."""
UNREADY = ".new"
"""Ends the name of a socket that does not listen yet."""


@contextmanager
def shortened_socket_path(path: Path) -> Iterator[str]:
    """Give another name of that path for the time of the block: the kernel takes 107 bytes of a socket's path only."""
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
    """Listen at that path, for this account, and for that group of the machine if one is named. Raises OSError.

    The socket gets its name once it listens, so that each client that sees it is answered. The folder is locked meanwhile, so that
    two daemons do not remove each other's socket.
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
    unready.unlink(missing_ok=True)  # a daemon was killed
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
    """Remove the socket of a daemon that was killed. Raises OSError when one still listens there."""
    try:
        connect(path, 1.0).close()
    except ConnectionRefusedError:
        path.unlink()
    else:
        raise FileExistsError(path)
