"""Reads and writes backups as tar files with a list of digests."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
from pyrage import DecryptError, IdentityError, RecipientError, decrypt_file, encrypt_file
from pyrage.x25519 import Identity, Recipient

MANIFEST = "backup.json"
FORMAT = 1
AGE_HEADER = b"age-encryption.org/v1"


class InvalidAgePublicKey(Exception): ...


class NoAgeSecretKey(Exception):
    """Raised when a backup cannot be decrypted with the given age secret keys."""


class BackupArchiveDamaged(Exception):
    """Raised when a file is not a complete, unchanged backup."""


class BackupManifest(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    made: datetime
    version: str
    database: str
    digests: dict[str, str]


def pack(archive: Path, files: Iterable[Path], *, database: str, made: datetime, version: str) -> None:
    """Write a backup archive that only the current user can read. Raises OSError."""
    paths = list(files)
    digests = {path.name: _digest(path) for path in paths}
    contents = BackupManifest(format=FORMAT, made=made, version=version, database=database, digests=digests)
    with os.fdopen(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for path in paths:
                tar.add(path, path.name, recursive=False, filter=_for_the_owner)
            written, member = msgspec.json.encode(contents), _for_the_owner(tarfile.TarInfo(MANIFEST))
            member.size, member.mtime = len(written), int(made.timestamp())
            tar.addfile(member, io.BytesIO(written))
        file.flush()
        os.fsync(file.fileno())


def encrypt_archive(archive: Path, encrypted: Path, recipients: Iterable[str]) -> None:
    """Encrypt an archive with age public keys. Raises InvalidAgePublicKey or OSError."""
    try:
        known = [Recipient.from_str(each) for each in recipients]
    except RecipientError as error:
        raise InvalidAgePublicKey(str(error)) from None
    os.close(os.open(encrypted, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    encrypt_file(str(archive), str(encrypted), known)
    with encrypted.open("rb") as file:
        os.fsync(file.fileno())


def is_encrypted(archive: Path) -> bool:
    with archive.open("rb") as file:
        return file.read(len(AGE_HEADER)) == AGE_HEADER


def decrypt_archive(encrypted: Path, archive: Path, identity_file: Path) -> None:
    """Decrypt a file with the secret keys in an age-keygen file. Raises NoAgeSecretKey or OSError."""
    lines = [line.strip() for line in identity_file.read_text("utf-8", "replace").splitlines()]
    try:
        known = [Identity.from_str(line) for line in lines if line and not line.startswith("#")]
        decrypt_file(str(encrypted), str(archive), known)
    except (IdentityError, DecryptError, OSError) as error:
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # without errno, age reports a truncated or changed file
            raise
        raise NoAgeSecretKey(str(error)) from None


def unpack(archive: Path, folder: Path) -> BackupManifest:
    """Extract the archive to an empty, private folder. Raises BackupArchiveDamaged or OSError."""
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                _extract(tar, member, folder)
        contents = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=BackupManifest)
    except (tarfile.TarError, FileNotFoundError, FileExistsError, msgspec.DecodeError, UnicodeDecodeError) as error:
        if isinstance(error, FileNotFoundError) and not archive.exists():
            raise
        raise BackupArchiveDamaged(str(error)) from error
    (folder / MANIFEST).unlink()
    if contents.format != FORMAT or contents.digests != {path.name: _digest(path) for path in folder.iterdir()}:
        raise BackupArchiveDamaged(MANIFEST)
    return contents


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    # Refuse everything but regular files, and names that contain a folder.
    source = tar.extractfile(member) if member.isreg() else None
    if source is None or Path(member.name).name != member.name:
        raise BackupArchiveDamaged(member.name)
    with os.fdopen(os.open(folder / member.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while block := source.read(1 << 20):
            target.write(block)
        target.flush()
        os.fsync(target.fileno())


def _for_the_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
    return member


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
