"""With the preset 2026, the pictures also show the confirmation in the mailbox and its refusals."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from cli.init import make_election_folder
from cli.picture_site import picture_site
from core.app.election_folder import open_services
from core.app.services import Services
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.forms.error_catalogue import REFUSALS
from core.forms.errors import PolicyDependentStepRefusal
from core.text.text import Language
from guides.help_source import help_source_of
from guides.picture_manifest import LATER, MESSAGE, PLAIN, Theme, pictured_messages, read_manifest
from guides.pictures.camera import PageCamera
from guides.pictures.chromium import chromium_version
from guides.pictures.definition_check import fold_spaces
from guides.pictures.picture_folder import PictureFolder
from guides.pictures.taking import take_pictures
from tests.support.guides import shorter_flow

ADDED = {refusal.id for refusal in REFUSALS if issubclass(refusal, PolicyDependentStepRefusal)}


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Yield the services of an election with the preset 2026."""
    make_election_folder(tmp_path / "election")
    monkeypatch.setenv("RETROUVE_POLICY__PRESET", "2026")
    monkeypatch.setattr(PageCamera, "photograph", lambda *_: Image.new("RGB", (1, 1)))  # no picture is examined
    made = open_services(tmp_path / "election")
    yield made
    made.close()


def test_the_confirmation_is_walked_for_the_help(services: Services, tmp_path: Path) -> None:
    """The product shows each step of the confirmation, each of its refusals and each SMS as it is defined."""
    book = help_source_of(services)
    flow = next(each for each in book.flows if each.slug == IdentifierFlowPlugin.slug)
    short = replace(book, flows=tuple(shorter_flow(each, ADDED) for each in (book.flows[0], flow)))

    with picture_site(services, Language.FRENCH) as harness:
        folder = PictureFolder(tmp_path / "pictures", chromium_version())
        take_pictures(harness, short, folder, themes=[Theme.LIGHT])

    pictures = read_manifest(tmp_path / "pictures")
    taken = {(shot.step, shot.state) for shot in pictures}
    assert {step.code for step in flow.steps} <= {code for code, state in taken if state in {PLAIN, LATER}}
    assert {state for _, state in taken} >= ADDED
    told = {each.shot.step: each.alt for each in pictures.values() if each.shot.state == MESSAGE}
    assert told.keys() >= {step.code for step in flow.steps if MESSAGE in dict(pictured_messages(step))}
    assert any(re.search(r"Code de sécurité : \d{6}", fold_spaces(each)) for each in told.values())
