"""Reads the files of passwords and secrets that settings name."""

from pathlib import Path
from typing import NoReturn, TypeVar

from pydantic import SecretStr, ValidationError
from pydantic_core import InitErrorDetails

from core.app.settings import refused_setting_sentences as words
from core.app.settings.election_toml import Place
from core.app.settings.sections import SettingsSection
from core.app.settings.value_types import setting_refusal
from core.text.text import Text

S = TypeVar("S", bound=SettingsSection)


def with_secret_of_file(section: S, place: Place, name: str, folder: Path) -> S:
    """Return the section with the secret `name`, read from its file unless it is given. Raises pydantic's ValidationError."""
    file: Path | None = getattr(section, f"{name}_file")
    if getattr(section, name) is not None or file is None:
        return section
    path = folder / file
    try:
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    except (OSError, UnicodeDecodeError):
        lines = []
    if len(lines) != 1 or not lines[0]:
        refuse_secret_file((*place, f"{name}_file"), file, words.PASSWORD_FILE_UNREADABLE, words.PASSWORD_ON_ONE_LINE)
    return section.model_copy(update={name: SecretStr(lines[0])})


def refuse_secret_file(place: Place, file: Path, reason: Text, allowed: Text) -> NoReturn:
    """Raise pydantic's ValidationError for the file that the setting at that place names."""
    details = InitErrorDetails(type=setting_refusal(reason, allowed), loc=place, input=str(file))
    raise ValidationError.from_exception_data("password_file", [details])
