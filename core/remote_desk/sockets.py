import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DESK_SOCKET = "desk.sock"
"""File name of the daemon's socket."""
UNREADY = ".new"
"""Suffix of the socket's name until the daemon is listening."""


@contextmanager
def shortened_socket_path(path: Path) -> Iterator[str]:
    """Yield a short path to a socket. The kernel allows at most 107 bytes."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def connect(path: Path, timeout: float) -> socket.socket:
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
    """Create a listening socket for this user and `group`. Raises OSError."""
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
    temporary = path.with_name(path.name + UNREADY)
    temporary.unlink(missing_ok=True)  # left by a killed daemon
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o177)
    try:
        with shortened_socket_path(temporary) as name:
            stream.bind(name)
        if group is not None:
            os.chown(temporary, -1, group)
            temporary.chmod(0o660)
        stream.listen(waiting)
        temporary.rename(path)
    except BaseException:
        stream.close()
        with suppress(OSError):
            temporary.unlink()
        raise
    finally:
        os.umask(before)
    return stream


def _remove_deserted(path: Path) -> None:
    try:
        connect(path, 1.0).close()
    except ConnectionRefusedError:
        path.unlink()
    else:
        raise FileExistsError(path)
