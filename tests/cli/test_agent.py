"""`retrouve agent` creates, resets, removes and lists the agents' accounts."""

import re
import time
from pathlib import Path
from unittest.mock import patch

import pyotp
import pytest

from core.app.election_folder import open_services
from core.desk.accounts import AgentAccounts
from core.desk.authorisation import AgentChoosingFirstPassword, AgentSession
from core.forms import errors
from core.ports import StoreUnavailable
from core.text.faces import agent_cli_sentences as words
from tests.support.commands import run
from tests.support.desk import AGENT_PASSWORD


def printed_credentials(shown: str) -> tuple[str, str]:
    password = re.search(r"(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}", shown)
    secret = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", shown)
    assert password is not None
    assert secret is not None
    return password.group(), secret.group().replace(" ", "")


def test_an_added_agent_signs_in_with_the_printed_credentials(folder: Path) -> None:
    """A new agent signs in with the printed password and secret, and must then choose another password."""
    shown = run(folder, "agent", "add", "Camille", "--role", "agent").output
    password, secret = printed_credentials(shown)
    services = open_services(folder)

    pending = services.desk.sessions.sign_in("camille", password, pyotp.TOTP(secret).now())
    assert isinstance(pending, AgentChoosingFirstPassword)
    session = services.desk.sessions.choose_password(pending, AGENT_PASSWORD)

    assert isinstance(session, AgentSession)
    with pytest.raises(errors.AgentUnknown):
        services.desk.sessions.sign_in("camille", password, pyotp.TOTP(secret).now())
    services.close()

    lines = [line for line in shown.splitlines() if set(line) <= set("█▀▄ ") and line]

    assert len({len(line) for line in lines}) == 1
    assert len(lines) * 2 - len(lines[0]) in {0, 1}
    assert set(lines[0]) == {"█"}


def test_the_name_of_a_removed_agent_is_not_reused(folder: Path) -> None:
    """The name of a removed agent cannot be used again, but the agent can be given access again."""
    run(folder, "agent", "add", "camille")
    first = run(folder, "agent", "add", "camille")
    run(folder, "agent", "remove", "camille")
    second = run(folder, "agent", "add", "camille")

    assert (first.exit_code, second.exit_code) == (1, 1)
    assert "retrouve agent reset camille" in second.output
    assert run(folder, "agent", "reset", "camille", "--role", "supervisor").exit_code == 0
    assert "camille : responsable" in run(folder, "agent", "list").output


def test_an_operator_is_told_when_no_supervisor_is_left(folder: Path) -> None:
    """The command prints a warning if no supervisor is left."""
    run(folder, "agent", "add", "camille", "--role", "supervisor")
    alone = run(folder, "agent", "list").output
    without = [run(folder, "agent", *typed).output for typed in (("reset", "camille", "--role", "agent"), ("list",))]
    run(folder, "agent", "reset", "camille", "--role", "supervisor")
    without.append(run(folder, "agent", "remove", "camille").output)

    assert [words.NO_SUPERVISOR.msgid in each for each in (alone, *without)] == [False, True, True, True]


def test_a_done_command_is_not_told_as_undone_when_the_database_leaves_after_it(folder: Path) -> None:
    """If the database fails after the change was made, the command does not say that nothing was changed."""
    run(folder, "agent", "add", "camille")
    for command in "reset", "remove":
        with patch.object(AgentAccounts, "list_all", side_effect=StoreUnavailable("away")):
            result = run(folder, "agent", command, "camille")

        assert (result.exit_code, "Rien n'a été changé" in result.output) == (0, False)


def test_the_list_says_who_has_not_signed_in_and_who_was_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list marks removed agents and those who have never signed in.

    It does not depend on the machine's time zone.
    """
    assert "agent add" in run(folder, "agent", "list").output
    shown = (
        run(folder, "agent", "add", "camille").output
        + run(folder, "agent", "add", "claude", "--role", "auditor").output
    )
    run(folder, "agent", "remove", "claude")

    listed = run(folder, "agent", "list").output
    try:
        monkeypatch.setenv("TZ", "Pacific/Noumea")
        time.tzset()
        elsewhere = run(folder, "agent", "list").output
    finally:
        monkeypatch.undo()
        time.tzset()

    assert elsewhere == listed
    assert "n'est pas encore venu" in listed
    assert "retiré le" in listed
    assert not any(secret in listed for secret in printed_credentials(shown))


def test_a_name_that_is_invalid_or_unknown_is_refused_in_a_sentence(folder: Path) -> None:
    """An invalid or unknown agent's name is refused with a sentence that says what to do."""
    for name in ("é", "a", "Camille Martin", "x" * 41, "; DROP TABLE agents"):
        refused = run(folder, "agent", "add", "--", name)
        assert (refused.exit_code, "« camille »" in refused.output) == (2, True), name
    for command in ("reset", "remove"):
        refused = run(folder, "agent", command, "nobody")
        assert (refused.exit_code, "retrouve agent list" in refused.output) == (1, True), command
