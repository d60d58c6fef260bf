"""After an unexpected error, the terminal prints what to do and a line for the operator, without a traceback."""

import asyncio
import os
from contextlib import suppress
from functools import wraps

import pytest
from textual.app import ScreenStackError
from textual.pilot import Pilot

from cli.open_terminal import open_terminal
from core.desk.sessions import AgentSessions
from tests.support.desk import AGENT_PASSWORD
from tests.support.terminal import Terminal, terminal
from tests.support.worlds import World
from tui.desk_app import DeskApp
from tui.field_widgets import FieldInput

CODE = "123456"
UNEXPECTED = "quotes "


@wraps(AgentSessions.sign_in)
def fail(_sessions: AgentSessions, _name: str, password: str, _code: str) -> None:
    """Raise an error with typed text in its message."""
    raise LookupError(UNEXPECTED + password)


@pytest.mark.parametrize("linear", [False, True])
def test_the_terminal_ends_with_a_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *, linear: bool
) -> None:
    """After an unexpected error, the terminal says what to do and where it happened, but not what was typed."""

    async def sign_in(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, DeskApp)
        await pilot.press("ctrl+g")
        at = Terminal(pilot.app, pilot)
        await at.sees("Sign in")
        await at.until(lambda: at.app.focused is at.app.screen.query(FieldInput).first(), "the focus")
        with suppress(ScreenStackError):  # the screen may close during the last key
            await at.burst("camille\r", f"{AGENT_PASSWORD}\r", f"{CODE}\r")

    monkeypatch.setattr(AgentSessions, "sign_in", fail)
    monkeypatch.setattr("cli.open_terminal.logs.configure_logs", lambda *_, **__: None)
    monkeypatch.setattr(DeskApp, "run", lambda app: asyncio.run(app.run_async(headless=True, auto_pilot=sign_in)))
    with pytest.raises(SystemExit) as ended:
        open_terminal(world.services.desk, linear=linear)

    out, err = capfd.readouterr()
    *sentences, line = err.splitlines()
    assert ended.value.code == os.EX_SOFTWARE
    assert sentences[0].startswith("The terminal closed because of an error.")
    assert " ".join(sentences).endswith("give the operator the line below.")
    assert line.startswith("LookupError, tests.tui.test_desk_app_unexpected_error:")
    assert [told for told in (AGENT_PASSWORD, CODE, UNEXPECTED, "camille", "Traceback") if told in out + err] == []


async def test_a_test_is_told_the_error_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that waits for the terminal gets the original error with its traceback."""
    monkeypatch.setattr(AgentSessions, "sign_in", fail)

    async def sign_in() -> None:
        async with terminal(world) as at:
            await at.sees("Ouvrir une session")
            await at.answer("camille", AGENT_PASSWORD, CODE)
            await at.sees("never shown")

    with pytest.raises(LookupError) as raised:
        await sign_in()
    assert "fail" in [entry.name for entry in raised.traceback]
