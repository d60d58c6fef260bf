"""The daemon's socket in the file system, however long the path of its folder is."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DESK_SOCKET = "desk.sock"
"""The name of the socket, in the folder of the election or of the daemon."""


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
    """Listen at that path, for this account, and for that group of the machine if one is named. Raises OSError."""
    with _alone_in(path.parent):
        return _listen(path, group=group, waiting=waiting)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time take a socket's place in that folder: two would remove each other's."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _listen(path: Path, *, group: int | None, waiting: int) -> socket.socket:
    if path.is_socket():
        _remove_deserted(path)
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o177)
    try:
        with shortened_socket_path(path) as name:
            stream.bind(name)
        if group is not None:
            os.chown(path, -1, group)
            path.chmod(0o660)
        stream.listen(waiting)
    except BaseException:
        stream.close()
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
