"""Reads the files of passwords and secrets that settings name."""

from pathlib import Path
from typing import NoReturn, TypeVar

from pydantic import SecretStr, ValidationError
from pydantic_core import InitErrorDetails

from core.app.settings import refused_setting_sentences as words
from core.app.settings.sections import RelayOrGatewaySection
from core.app.settings.toml_line_numbers import Place
from core.app.settings.value_types import setting_refusal
from core.text.text import Text

S = TypeVar("S", bound=RelayOrGatewaySection)


def with_password(place: Place, section: S, folder: Path) -> S:
    """Return the section with the password of its file. Raises pydantic's ValidationError."""
    if section.password is not None or section.password_file is None:
        return section
    password = read_secret((*place, "password_file"), section.password_file, folder)
    return section.model_copy(update={"password": password})


def read_secret(place: Place, file: Path, folder: Path) -> SecretStr:
    """Return the only line of a secret's file. Raises pydantic's ValidationError."""
    secret = _first_line(folder / file)
    if not secret:
        refuse_secret_file(place, file, words.PASSWORD_FILE_UNREADABLE, words.PASSWORD_ON_ONE_LINE)
    return SecretStr(secret)


def _first_line(path: Path) -> str:
    """Return the only line of a file, or nothing when it cannot be read or has another number of lines."""
    try:
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    except (OSError, UnicodeDecodeError):
        return ""
    return lines[0] if len(lines) == 1 else ""


def refuse_secret_file(place: Place, file: Path, reason: Text, allowed: Text) -> NoReturn:
    """Raise pydantic's ValidationError for the file that the setting at that place names."""
    error = setting_refusal(reason, allowed)
    raise ValidationError.from_exception_data(
        "password_file", [InitErrorDetails(type=error, loc=place, input=str(file))]
    )
