import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def write_private_file(path: Path, content: bytes) -> None:
    """Create a file that only the current user can read. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a key must be on disk before anything is encrypted with it
    except OSError:
        path.unlink()  # if the disk is full, do not leave half of a key
        raise


def replace_files(contents: Iterable[tuple[Path, bytes]], *, like: Path, folder_mode: int) -> None:
    """Replace files after all new contents are on disk. New files get the same owner as `like`. Raises OSError."""
    owner, written = like.stat(), list[tuple[Path, Path]]()
    try:
        for path, content in contents:
            if not path.parent.exists():
                path.parent.mkdir()
                path.parent.chmod(folder_mode)
                _change_owner(path.parent, owner)
            new = path.with_name(path.name + ".new")
            new.unlink(missing_ok=True)
            written.append((new, path))
            write_private_file(new, content)
            _change_owner(new, path.stat() if path.exists() else owner)
        for new, path in written:
            new.replace(path)
    except OSError:
        for new, _ in written:
            with suppress(OSError):  # the folder may be read-only
                new.unlink(missing_ok=True)
        raise
    for folder in {path.parent for _, path in written}:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)  # makes the renames durable
        finally:
            os.close(descriptor)


def _change_owner(made: Path, owner: os.stat_result) -> None:
    # Root may run this, and the service cannot read root's files.
    now = made.stat()
    if (now.st_uid, now.st_gid) != (owner.st_uid, owner.st_gid):
        os.chown(made, owner.st_uid, owner.st_gid)
