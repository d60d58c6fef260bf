"""Supervisors and auditors read the journal at the terminal and make case sheets."""

import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.desk import desk
from core.desk.sheets import EscalationSheets
from core.ports import AgentRole, EventType, Voter
from tests.support.desk import NUMEN, outcome, signed_in_agent, verified_caller
from tests.support.election import CAMILLE
from tests.support.terminal import held_back, terminal
from tests.support.worlds import World
from tui.dialogs import ChoiceList


async def test_an_auditor_filters_the_journal_and_writes_the_sheet_of_a_case(
    world: World, camille: Voter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An auditor filters the journal and writes a case sheet in the terminal's language.

    The sheet contains no secret.
    """
    monkeypatch.setattr("core.desk.journal.PAGE", 3)
    lou, claude = signed_in_agent(world, "lou"), signed_in_agent(world, "claude", AgentRole.AUDITOR)
    desk = world.services.desk
    number = desk.mail.request_mail(lou, verified_caller(world, lou, camille))
    world.courier().run_once()
    async with terminal(world, claude) as at:
        at.app.session.case_sheet_folder = tmp_path
        await at.press("ctrl+y")
        await at.sees("Journal · toutes les lignes", "Le message est parti", "↓ Lignes plus anciennes")
        await at.until(lambda: re.search(rf"✓ 12:02 Le message est parti\. +{number} +MP-5", at.text), "columns")
        await at.press("end", "enter")
        await at.sees("↑ Lignes plus récentes", "lou a vérifié l'appelant.")
        await at.press("g")
        await at.sees("Quel agent ?")
        await at.type("l")
        await at.press("enter")
        await at.sees("Journal · agent : lou")
        await at.press("a")
        await at.sees("Quel acte ?")
        acts = at.app.screen.query_one(ChoiceList)
        for _ in range(acts.option_count):
            if acts.highlighted is None or "Un message est demandé." not in str(acts.options[acts.highlighted].prompt):
                await at.type("u")
        await at.press("enter")
        await at.sees("Journal · acte : Un message est demandé. · agent : lou", f"dossier n° {number}")
        await at.press("f")
        await at.sees("La feuille est écrite")
        sheet = tmp_path / f"retrouve-{number}.html"
        french = sheet.read_text("utf-8")
        await at.press("t")
        await at.sees("Journal · toutes les lignes", "claude fait la feuille du dossier.")
        await at.press("p")
        await at.sees("Chercher une personne")
        await at.type("martin")
        await at.sees("Camille Martin")
        await at.press("enter")
        await at.sees("Journal · Camille Martin et ses dossiers", "claude ouvre la fiche.")
        await at.press("down", "enter")
        await at.sees(f"Journal · dossier {number}")
        await at.press("ctrl+g", "f")
        await at.sees("The case sheet was saved")
        at.app.session.case_sheet_folder = tmp_path / "absent"
        await at.press("f")
        await at.sees("could not be saved")
    french, english = unescape(french), unescape(sheet.read_text("utf-8"))
    assert sheet.stat().st_mode & 0o077 == 0
    for page, said in ((french, "lou a vérifié l'appelant."), (english, "lou verified the caller.")):
        assert [
            part for part in (number, "Camille Martin", "Lumière", "MP-4", said, "12:0") if part not in page
        ] == [], page
        assert not [secret for secret in (CAMILLE, NUMEN, "1970", *world.post.links(CAMILLE)) if secret in page]
    made = [event.agent for event in world.voter_events(camille) if event.act == EventType.CASE_SHEET_MADE]
    assert set(made) == {"claude"}


async def test_only_the_failures_are_shown(world: World) -> None:
    """The second choice of the filter by action shows refusals and failures of all kinds."""
    lou, robin = signed_in_agent(world, "lou"), signed_in_agent(world, "robin", AgentRole.SUPERVISOR)
    outcome(lambda: world.services.desk.journal.choices(lou))
    async with terminal(world, robin) as at:
        await at.press("ctrl+y")
        await at.sees("Le compte d'agent robin est créé.", "Un acte de lou est refusé.")
        await at.press("a")
        await at.sees("Quel acte ?")
        await at.press("down", "enter")
        await at.sees("Journal · acte : Refus et échecs", "Un acte de lou est refusé.")
        assert "est créé" not in at.text


async def test_the_sheet_of_an_agent_from_another_machine_is_copied(world: World, camille: Voter) -> None:
    """If agents cannot read files on the machine, the case sheet is copied to the clipboard of their terminal."""
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    number = world.number(world.ask(camille.email))
    world.courier().run_once()
    async with terminal(world, auditor) as at:
        at.app.session.case_sheet_folder = None
        await at.press("ctrl+y")
        await at.sees("Le message est parti")
        await at.press("f")
        await at.sees("est envoyée au presse-papiers", "Si rien ne se colle")
        copied = at.app.clipboard
    assert [part for part in (number, "Camille Martin", "Un message est demandé", "MP-5") if part not in copied] == []


async def test_keys_during_the_making_of_a_sheet_lose_nothing(
    world: World, camille: Voter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is pressed while a case sheet is being made takes effect afterwards."""
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    number = world.number(world.ask(camille.email))
    async with terminal(world, auditor) as at:
        at.app.session.case_sheet_folder = tmp_path
        await at.press("ctrl+y")
        await at.sees("Un message est demandé.")
        begun, go_on = held_back(monkeypatch, EscalationSheets, "make")
        await at.press("f")
        await at.until(begun.is_set, "the sheet")
        await at.press("p")
        go_on.set()
        await at.sees("Chercher une personne")
        assert (tmp_path / f"retrouve-{number}.html").exists()
    assert world.acts(number).count(EventType.CASE_SHEET_MADE) == 1


@pytest.mark.parametrize(("options", "sheets"), [([], Path.home()), (["--sheets-to-clipboard"], None)])
def test_the_option_alone_sends_sheets_to_the_clipboard(
    world: World, monkeypatch: pytest.MonkeyPatch, options: list[str], sheets: Path | None
) -> None:
    """Case sheets go to the clipboard only with the option --sheets-to-clipboard, and not because of an ssh login."""
    opened = list[Path | None]()
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22")
    monkeypatch.setattr("cli.desk.connect_to_daemon_or_exit", lambda _: world.services.desk)
    monkeypatch.setattr("cli.open_terminal.logs.configure_logs", lambda *_, **__: None)
    monkeypatch.setattr("tui.desk_app.DeskApp.run", lambda app: opened.append(app.session.case_sheet_folder))

    ran = CliRunner().invoke(desk, ["--socket", "desk.sock", *options], catch_exceptions=False)

    assert (ran.exit_code, opened) == (0, [sheets])
