"""Fixtures that set the environment and the clock of the commands."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.adapters.http_client import HttpNotSent
from tests.support.folders import copied_folder


@pytest.fixture(autouse=True)
def _french_without_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied_folder(tmp_path / "election")


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Return a function that sets the clock for all later commands."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setenv("RETROUVE_CLOCK_OFFSET_SECONDS", str(round((moment - datetime.now(UTC)).total_seconds())))

    return set_to


@pytest.fixture(autouse=True)
def _nobody_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevent `doctor` from connecting to the sample's site."""

    def no_site(*_: str) -> None:
        raise HttpNotSent("refused")

    monkeypatch.setattr("cli.doctor.ask_what_site_sees", no_site)
