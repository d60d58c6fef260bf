"""Loads settings with temporary environment variables."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.app.settings import Settings, load


def load_with(folder: Path, environ: Mapping[str, str], *, sends: bool = True) -> Settings:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        return load(folder, sends=sends)
