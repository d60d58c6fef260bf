"""The file of a backup: a tar that holds files by their plain names, and last a list of their digests."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

LIST = "backup.json"
FORMAT = 1


class ArchiveDamaged(Exception):
    """Not a backup, or not whole, or changed since it was made."""


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive says of itself."""

    format: int
    made: datetime
    version: str
    database: str
    """The name of the database among the files."""
    digests: dict[str, str]


def pack(archive: Path, files: Iterable[Path], *, database: str, made: datetime, version: str) -> None:
    """Writes a new archive, for this account only, whole on the disk when this returns. Raises OSError."""
    paths = list(files)
    digests = {path.name: _digest(path) for path in paths}
    contents = Contents(format=FORMAT, made=made, version=version, database=database, digests=digests)
    with os.fdopen(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for path in paths:
                tar.add(path, path.name, recursive=False, filter=_for_the_owner)
            _add_list(tar, msgspec.json.encode(contents), made)
        file.flush()
        os.fsync(file.fileno())


def unpack(archive: Path, folder: Path) -> Contents:
    """Writes its files to an empty folder, for this account only. Raises ArchiveDamaged, OSError."""
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                _extract(tar, member, folder)
        contents = msgspec.json.decode((folder / LIST).read_bytes(), type=Contents)
    except (tarfile.TarError, FileNotFoundError, FileExistsError, msgspec.DecodeError, UnicodeDecodeError) as error:
        if isinstance(error, FileNotFoundError) and not archive.exists():
            raise
        raise ArchiveDamaged(str(error)) from error
    (folder / LIST).unlink()
    if contents.format != FORMAT or contents.digests != {path.name: _digest(path) for path in folder.iterdir()}:
        raise ArchiveDamaged(LIST)
    return contents


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Plain files by plain names only: an archive from elsewhere writes nowhere else."""
    source = tar.extractfile(member) if member.isreg() else None
    if source is None or Path(member.name).name != member.name:
        raise ArchiveDamaged(member.name)
    with os.fdopen(os.open(folder / member.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while block := source.read(1 << 20):
            target.write(block)
        target.flush()
        os.fsync(target.fileno())


def _for_the_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the accounts of this machine, which another does not have."""
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
    return member


def _add_list(tar: tarfile.TarFile, written: bytes, made: datetime) -> None:
    member = _for_the_owner(tarfile.TarInfo(LIST))
    member.size, member.mtime = len(written), int(made.timestamp())
    tar.addfile(member, io.BytesIO(written))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
