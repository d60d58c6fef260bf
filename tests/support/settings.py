"""Load settings with environment variables that only this call sees."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.app.settings import Settings, load


def load_with(folder: Path, environ: Mapping[str, str], *, sends: bool = True) -> Settings:
    """Load the settings of the folder with these environment variables."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        return load(folder, sends=sends)
