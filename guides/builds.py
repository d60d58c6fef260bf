"""Builds the help of an election."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

from core.adapters.file_lock import take_lock
from core.app.services import Services
from core.ports import StoreUnavailable
from core.text.faces import guides_cli_sentences as words
from core.text.text import Text
from guides import HelpNotBuilt
from guides.handout_files import read_handout_list
from guides.help_source import help_source_of
from guides.interruption import raise_if_interrupted
from guides.picture_manifest import read_manifest
from guides.pictures import ChromiumFailed, PictureRefused

HELP_FAILURES = (OSError, sqlite3.Error, StoreUnavailable, PictureRefused)


def help_failure_reason(failure: Exception) -> Text | str:
    """Explain to the operator why the help could not be built."""
    match failure:
        case shutil.Error(args=[[(_, _, why), *_]]):
            return str(why)
        case OSError(strerror=str(why)):
            return why if failure.filename is None else f"{why}: {failure.filename}"
        case ChromiumFailed():
            return failure.cause
        case _:
            return str(failure).partition("\n")[0].rstrip(".") or type(failure).__name__


def pictures_folder_beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.pictures")


def handouts_folder_beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.handouts")


@contextmanager
def locked_help(folder: Path, *, seconds: float = 0) -> Iterator[None]:
    """Lock the help folder. Raises HelpNotBuilt after `seconds` if another process holds the lock."""
    pictures = pictures_folder_beside(folder)
    pictures.mkdir(parents=True, exist_ok=True)
    opened = os.open(pictures, os.O_RDONLY)
    try:
        if not take_lock(opened, seconds):
            raise HelpNotBuilt(words.BUILT_BY_ANOTHER.fill({"folder": str(folder)}))
        yield
    finally:
        os.close(opened)


@contextmanager
def reporting_missing_library() -> Iterator[None]:
    """Raise HelpNotBuilt if the code in the block fails because a library is missing."""
    try:
        with redirect_stdout(StringIO()):  # WeasyPrint prints a banner when Pango is missing
            yield
    except ModuleNotFoundError as missing:
        raise HelpNotBuilt(words.PARTS_MISSING.fill({"name": missing.name or ""})) from None
    except OSError:
        raise HelpNotBuilt(words.PANGO_MISSING) from None


def build_help(services: Services, folder: Path, notice: Text | None = None) -> None:
    """Build the help, or keep the old help if the build fails. Raises HelpNotBuilt."""
    with reporting_missing_library():
        from mkdocs.exceptions import Abort  # noqa: PLC0415  # MkDocs is needed only to build the help

        from guides.help_site_builder import HelpSiteBuildInputs, build_site  # noqa: PLC0415
    pictures, handouts = pictures_folder_beside(folder), handouts_folder_beside(folder)
    inputs = HelpSiteBuildInputs(
        help_source_of(services), read_manifest(pictures), pictures, read_handout_list(handouts), handouts, notice
    )
    with _replaced(folder) as fresh:
        raise_if_interrupted()
        try:
            build_site(inputs, fresh)
        except Abort:
            raise HelpNotBuilt(words.REFUSED) from None
        raise_if_interrupted()


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Yield the path of a new folder. When the block ends, the new folder replaces `folder`."""
    fresh, former = (folder.with_name(f"{folder.name}.{part}") for part in ("fresh", "former"))

    def clear() -> None:
        if former.exists() and not folder.exists():  # an earlier build stopped between the two moves
            former.rename(folder)
        for left_over in (fresh, former):
            shutil.rmtree(left_over, ignore_errors=True)

    clear()
    try:
        yield fresh
        if folder.exists():
            folder.rename(former)
        fresh.rename(folder)
    finally:
        clear()
