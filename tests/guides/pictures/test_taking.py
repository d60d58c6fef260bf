"""The pictures of a whole flow are complete, correct, readable, small and described."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from unittest import mock

import pytest
from msgspec import structs
from PIL import Image

from cli.init import make_election_folder
from cli.picture_site import DemoPictureSite, picture_site
from core.app.election_folder import open_services
from core.app.services import Services
from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.example_facts import UNKNOWN
from core.flows.identifier.definition import IdentifierFlow
from core.flows.password.definition import PasswordFlow
from core.flows.picture_browser import PictureScenarios
from core.forms import errors
from core.forms.flow_model import Flow, Step
from core.policy.policy import Policy
from core.text.text import Language
from core.text.translation import translate
from guides.help_source import HelpSource, help_source_of
from guides.picture_manifest import (
    LATER,
    MESSAGE,
    PLAIN,
    Picture,
    PictureRequest,
    picture_requests,
    read_manifest,
    write_manifest,
)
from guides.pictures import PictureRefused, picture_folder
from guides.pictures.callouts import HEAVIEST
from guides.pictures.chromium import chromium_version, open_page
from guides.pictures.definition_check import PageDiffersFromDefinition, ShownPageWords, fold_spaces
from guides.pictures.flow_walk import FlowWalk, RefusalNotReached
from guides.pictures.picture_folder import PictureFolder
from guides.pictures.taking import PictureCounts, take_pictures
from guides.step_element_numbers import CalloutTargetKind, numbered_elements_of_step
from tests.support.guides import shorter_flow

FLOWS = (
    PasswordFlow(Policy()).flow,
    VOTER_SPACE.flow,
    IdentifierFlow(Policy()).flow,
    STOP_CHANGE.flow,
)
KEPT_REFUSALS = {errors.LinkExpired.id}
"""The only refusal whose picture these tests take. It needs another time of day."""


@dataclass(frozen=True)
class PictureSet:
    """The pictures that a run has taken into a folder."""

    folder: Path
    pictures: dict[PictureRequest, Picture]
    tally: PictureCounts
    published: list[set[PictureRequest]]
    """For each manifest that the run has written, the pictures that it lists."""

    def of(self, step: Step, state: str) -> list[Picture]:
        return [each for shot, each in self.pictures.items() if (shot.step, shot.state) == (step.code, state)]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Yield the services of the election for whose help the pictures are taken."""
    folder = tmp_path_factory.mktemp("pictures") / "election"
    make_election_folder(folder)
    made = open_services(folder)
    yield made
    made.close()


@pytest.fixture(scope="module")
def harness(services: Services) -> Iterator[DemoPictureSite]:
    """Yield the French site on which the pictures are taken."""
    with picture_site(services, Language.FRENCH) as made:
        yield made


@pytest.fixture(scope="module")
def book(services: Services) -> HelpSource:
    """Return the content of a help that has only a shorter password flow."""
    whole = help_source_of(services)
    return replace(whole, flows=(shorter_flow(whole.flows[0], KEPT_REFUSALS, mistakes=1),))


@pytest.fixture(scope="module")
def both(services: Services, book: HelpSource) -> HelpSource:
    """Return the content of a help that has the shorter password flow and the voter space."""
    return replace(book, flows=(*book.flows, help_source_of(services).flows[1]))


def in_french(flows: Sequence[Flow]) -> set[PictureRequest]:
    """Return the requests for all French pictures of some flows."""
    return {each for each in picture_requests(flows) if each.language is Language.FRENCH}


@pytest.fixture(scope="module")
def flow(book: HelpSource) -> Flow:
    """Return the shorter password flow."""
    return book.flows[0]


@pytest.fixture(scope="module")
def picture_set(harness: DemoPictureSite, both: HelpSource, tmp_path_factory: pytest.TempPathFactory) -> PictureSet:
    """Take the pictures of both flows, and return them."""
    folder, published, write = tmp_path_factory.mktemp("taken"), list[set[PictureRequest]](), write_manifest

    def writes(path: Path, pictures: Iterable[Picture]) -> None:
        write(path, pictures)
        published.append({*read_manifest(path)})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(picture_folder, "write_manifest", writes)
        tally = take_pictures(harness, both, PictureFolder(folder, chromium_version()))
    return PictureSet(folder, dict(read_manifest(folder)), tally, published)


def test_every_state_has_its_picture(picture_set: PictureSet, both: HelpSource) -> None:
    """The run takes exactly the pictures that `picture_requests` lists."""
    wanted = in_french(both.flows)

    assert set(picture_set.pictures) == wanted
    assert picture_set.tally == PictureCounts(pictures=len(wanted), taken=len(wanted))
    assert {path.name for path in picture_set.folder.glob("*.webp")} == {shot.name for shot in wanted}


def test_pictures_are_light_and_lossless(picture_set: PictureSet) -> None:
    """Pictures are lossless and small, and have at least as many pixels as the manifest says."""
    for picture in picture_set.pictures.values():
        path = picture_set.folder / picture.path
        assert path.stat().st_size <= HEAVIEST == 60_000
        assert path.read_bytes()[12:16] == b"VP8L", picture.path
        with Image.open(path) as image:
            assert image.width / picture.width == pytest.approx(image.height / picture.height, abs=0.01)
            assert image.width >= picture.width


def test_every_number_of_the_text_is_in_a_picture(picture_set: PictureSet, flow: Flow) -> None:
    """The pictures of a step show exactly the numbers of its text. A step with a later action is shown only then."""
    for step in flow.steps:
        text = {each.number: translate(each.label, Language.FRENCH) for each in numbered_elements_of_step(step)}
        pictures = picture_set.of(step, LATER) or picture_set.of(step, PLAIN)
        assert [{mark.number: mark.label for mark in each.marks} for each in pictures] == [text] * 4, step.code
    (waiting,) = [step for step in flow.steps if picture_set.of(step, LATER)]
    assert not picture_set.of(waiting, PLAIN)


def test_the_alternative_text_says_what_is_shown_and_what_is_numbered(picture_set: PictureSet) -> None:
    """The alternative text contains the step code, the label of each number, and the sentence of an error."""
    for shot, picture in picture_set.pictures.items():
        said = fold_spaces(picture.alt)
        assert shot.step in said
        for mark in picture.marks if shot.state in {PLAIN, LATER} else ():
            assert f"Repère {mark.number} :" in said
            assert mark.label in said
    wrong = next(each for shot, each in picture_set.pictures.items() if shot.state == errors.NewPasswordWeak.id)
    assert "facile à deviner" in wrong.alt


def test_the_mail_is_shown_in_a_mailbox(picture_set: PictureSet, flow: Flow) -> None:
    """The mail with the numbered link and the final notice are shown as in a mailbox."""
    mail = next(
        step
        for step in flow.steps
        if numbered_elements_of_step(step) and numbered_elements_of_step(step)[0].target is CalloutTargetKind.LINK
    )

    assert len(picture_set.of(mail, PLAIN)) == len(picture_set.of(flow.steps[-1], MESSAGE)) == 4
    assert all([mark.number for mark in each.marks] == [1] for each in picture_set.of(mail, PLAIN))


def test_unchanged_pictures_are_not_taken_again(
    picture_set: PictureSet, services: Services, both: HelpSource, tmp_path: Path
) -> None:
    """A second run takes only damaged pictures again, and all files are the same afterwards."""
    folder = copytree(picture_set.folder, tmp_path / "taken")
    before = {path.name: path.read_bytes() for path in folder.glob("*.*")}
    for harmed in sorted(folder.glob("*.webp"))[:2]:
        harmed.write_bytes(b"")  # as a machine that lost its power may leave it

    with picture_site(services, Language.FRENCH) as again:
        tally = take_pictures(again, both, PictureFolder(folder, chromium_version()))

    assert tally == PictureCounts(pictures=len(picture_set.pictures), taken=2)
    assert {path.name: path.read_bytes() for path in folder.glob("*.*")} == before


def test_each_flow_is_published_before_the_next(picture_set: PictureSet, both: HelpSource) -> None:
    """The manifest grows step by step, and lists all pictures of a flow before those of the next flow."""
    published, first, whole = picture_set.published, in_french(both.flows[:1]), in_french(both.flows)
    way = {each for each in first if each.state in {PLAIN, MESSAGE}}
    assert all(before <= after for before, after in pairwise(published))
    assert next(each for each in published if way <= each) < first
    assert next(each for each in published if first <= each) < whole
    assert published[-1] == whole


def test_an_address_may_be_a_link_on_its_words() -> None:
    """A sentence that ends with a colon and an address may be shown as words with a link, but not as other words."""
    sentence = "Le vote est ouvert. Site de vote : https://vote.example/a"
    page = ShownPageWords({"main": "Étape 7 sur 7 Le vote est ouvert. Site de vote Se connecter"}, Language.FRENCH)

    page.check_sentences("MP-7", [sentence])
    with pytest.raises(PageDiffersFromDefinition):
        page.check_sentences("MP-7", [sentence.replace("ouvert", "clos")])


def test_a_label_that_differs_fails_the_run(services: Services, book: HelpSource, tmp_path: Path) -> None:
    """If a label differs from its definition, the run fails, and the error contains both texts."""
    flow, first = book.flows[0], book.flows[0].steps[0]
    (ask,) = first.actions
    renamed = replace(ask.fields[0], label=structs.replace(ask.fields[0].label, msgid="Work email address"))
    other = replace(flow, steps=(replace(first, actions=(replace(ask, fields=(renamed,)),)), *flow.steps[1:]))

    with (
        picture_site(services, Language.FRENCH) as french,
        pytest.raises(PageDiffersFromDefinition, match=r"Work email address.*Adresse professionnelle"),
    ):
        take_pictures(french, replace(book, flows=(other,)), PictureFolder(tmp_path, chromium_version()))


def test_a_button_that_differs_is_named() -> None:
    """If a button differs from its definition, the error contains both texts."""
    step = FLOWS[0].steps[0]
    words = {
        "code": step.code,
        "language": "fr",
        "title": "Adresse électronique",
        "main": "",
        "button:Poursuivre": "Poursuivre",
    }
    bare = replace(step, copy=replace(step.copy, voter=()), actions=(replace(step.actions[0], fields=()),))

    with pytest.raises(PageDiffersFromDefinition, match=r"Continuer.*Poursuivre"):
        ShownPageWords(words, Language.FRENCH).check(bare)


def test_every_refusal_has_a_scenario(book: HelpSource) -> None:
    """Every refusal of a step has a scenario that leads to it."""
    named = {refusal for flow in FLOWS for step in flow.steps for refusal in step.copy.refusals}

    assert named <= book.scenarios.refusals.keys()


def test_the_site_shows_every_refusal_at_its_step(harness: DemoPictureSite, services: Services) -> None:
    """The site shows each refusal at each step that lists it. If it shows another page, the help gets no further pictures."""
    book = help_source_of(services)
    with open_page(harness) as page:
        for flow in book.flows:
            walk = FlowWalk(harness, page, book.flows, flow, book.scenarios)
            for step in flow.steps:
                for refusal in step.copy.refusals:
                    walk.begin_new_walk(refusal)
                    walk.go_to_refusal(refusal, step)
                    assert walk.refusal == refusal, step.code


def test_a_refusal_without_a_scenario_fails_the_run(harness: DemoPictureSite, flow: Flow) -> None:
    """If a refusal has no scenario, the run fails, and the error names the refusal."""
    walk = FlowWalk(harness, mock.sentinel.page, [flow], flow, PictureScenarios())

    with pytest.raises(RefusalNotReached, match="lost-in-translation") as refused:
        walk.go_to_refusal("lost-in-translation", flow.steps[0])
    assert isinstance(refused.value, PictureRefused)


def test_a_count_that_differs_from_the_text_fails_the_run() -> None:
    """If a time or a count on the page differs from the help's text, the run fails."""
    screen = ShownPageWords(
        {"main": "Il vous reste 3 demandes sur 3, jusqu'à 12:02. Camille est servie."}, Language.FRENCH
    )

    screen.check_sentences("ID-1", ["Il vous reste 3\u00a0demandes sur 3, jusqu'à 12:02.", f"{UNKNOWN} est servie."])
    with pytest.raises(
        PageDiffersFromDefinition, match=r"ID-1.*« Il vous reste 2 demandes sur 3.*« Il vous reste 3 demandes sur 3"
    ):
        screen.check_sentences("ID-1", ["Il vous reste 2 demandes sur 3, jusqu'à 12:02."])
