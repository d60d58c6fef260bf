"""The pictures of a whole way, in one language: all of them there, true, readable, light, and described."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import pytest
from PIL import Image

from cli.init import make_folder
from cli.rehearsal import Rehearsal, rehearsals
from core import bootstrap, errors
from core.bootstrap import House
from core.example import UNKNOWN
from core.flows.identifier import identifier_flow
from core.flows.password import password_flow
from core.flows.space import space_flow
from core.flows.stop import stop_flow
from core.i18n import say
from core.policy import Policy
from core.steps import Act, Ask, Flow, Step
from core.text import Language
from guides.book import Book, book_of
from guides.marks import Target, marks_of
from guides.pictures import PictureRefused
from guides.pictures.album import Tally, take
from guides.pictures.darkroom import HEAVIEST
from guides.pictures.screen import Differs, Screen, plain
from guides.pictures.walk import Walk
from guides.pictures.ways import WAYS, Guide, NotMet
from guides.shots import MESSAGE, PLAIN, Picture, Shot, read_manifest, shots_of

FRENCH = [Language.FRENCH]
FLOWS = (
    password_flow(Policy()).flow,
    space_flow().flow,
    identifier_flow(Policy()).flow,
    stop_flow().flow,
)
KEPT_REFUSALS = {errors.LinkExpired.id}
"""One that needs the clock to be moved; all the others are met when the help is built."""


@dataclass(frozen=True)
class Taken:
    """Pictures in a folder."""

    folder: Path
    pictures: dict[Shot, Picture]
    tally: Tally

    def of(self, step: Step, state: str) -> list[Picture]:
        """Those of one state."""
        return [each for shot, each in self.pictures.items() if (shot.step, shot.state) == (step.code, state)]


def shorter(flow: Flow) -> Flow:
    """The flow with one slip a field and few refusals: a smaller walk with everything in it."""
    return replace(flow, steps=tuple(map(_shorter, flow.steps)))


def _shorter(step: Step) -> Step:
    copy = replace(step.copy, refusals=tuple(each for each in step.copy.refusals if each in KEPT_REFUSALS))
    acts = tuple(map(_with_one_slip, step.acts))
    if isinstance(step, Ask):
        return replace(step, copy=copy, act=acts[0])
    return replace(step, copy=copy, acts=acts)


def _with_one_slip(act: Act[object]) -> Act[object]:
    return replace(act, fields=tuple(replace(each, slips=each.slips[-1:]) for each in act.fields))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The election the help is for."""
    folder = tmp_path_factory.mktemp("pictures") / "election"
    make_folder(folder)
    made = bootstrap.open_house(folder)
    yield made
    made.close()


@pytest.fixture(scope="module")
def stages(house: House) -> Iterator[list[Rehearsal]]:
    """The product, in French."""
    with rehearsals(house, FRENCH) as made:
        yield made


@pytest.fixture(scope="module")
def book(house: House) -> Book:
    """Of a shorter way to a password."""
    whole = book_of(house)
    return replace(whole, flows=(shorter(whole.flows[0]),))


@pytest.fixture(scope="module")
def flow(book: Book) -> Flow:
    """The way."""
    return book.flows[0]


@pytest.fixture(scope="module")
def taken(stages: list[Rehearsal], book: Book, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """Its pictures."""
    folder = tmp_path_factory.mktemp("taken")
    tally = take(stages, book, folder, folder / "cache")
    return Taken(folder, dict(read_manifest(folder)), tally)


def test_every_state_has_its_picture(taken: Taken, flow: Flow) -> None:
    """What `shots_of` lists, and nothing else."""
    wanted = {shot for shot in shots_of([flow]) if shot.language is Language.FRENCH}

    assert set(taken.pictures) == wanted
    assert taken.tally == Tally(pictures=len(wanted), taken=len(wanted))
    assert {path.name for path in taken.folder.glob("*.webp")} == {shot.name for shot in wanted}


def test_pictures_are_light_and_lossless(taken: Taken) -> None:
    """As large in CSS pixels as the manifest says, and at least as sharp as the screen."""
    for picture in taken.pictures.values():
        path = taken.folder / picture.path
        assert path.stat().st_size <= HEAVIEST == 60_000
        assert path.read_bytes()[12:16] == b"VP8L", picture.path
        with Image.open(path) as image:
            assert image.width / picture.width == pytest.approx(image.height / picture.height, abs=0.01)
            assert image.width >= picture.width


def test_numbers_are_those_of_the_text(taken: Taken, flow: Flow) -> None:
    """On a plain step all that the text numbers, but an act that is not open yet and what stands elsewhere."""
    for step in flow.steps:
        text = {each.number: say(each.label, Language.FRENCH) for each in marks_of(step)}
        acts = {each.number for each in marks_of(step) if each.target is Target.ACT}
        for picture in taken.of(step, PLAIN):
            shown = {mark.number: mark.label for mark in picture.marks}
            assert shown.items() <= text.items()
            assert text.keys() - shown.keys() <= acts, step.code


def test_the_alternative_text_says_what_is_shown_and_what_is_numbered(taken: Taken) -> None:
    """The step's code, each numbered label, and the sentence of an error."""
    for shot, picture in taken.pictures.items():
        said = plain(picture.alt)
        assert shot.step in said
        for mark in picture.marks:
            assert f"Repère {mark.number} :" in said
            assert mark.label in said
    wrong = next(each for shot, each in taken.pictures.items() if shot.state == errors.NewPasswordCommon.id)
    assert "parmi les plus utilisés au monde" in wrong.alt


def test_the_mail_is_shown_as_its_reader_sees_it(taken: Taken, flow: Flow) -> None:
    """In the mailbox: the one that leads on, with its link numbered, and the notice at the end."""
    mail = next(step for step in flow.steps if marks_of(step) and marks_of(step)[0].target is Target.LINK)

    assert len(taken.of(mail, PLAIN)) == len(taken.of(flow.steps[-1], MESSAGE)) == 4
    assert all([mark.number for mark in each.marks] == [1] for each in taken.of(mail, PLAIN))


def test_what_has_not_changed_is_not_taken_again(taken: Taken, stages: list[Rehearsal], book: Book) -> None:
    """Every page is walked, none photographed; the pictures and what is known of them are the same."""
    before = {path.name: path.read_bytes() for path in taken.folder.glob("*.*")}

    tally = take(stages, book, taken.folder, taken.folder / "cache")

    assert tally == Tally(pictures=len(taken.pictures), taken=0)
    assert {path.name: path.read_bytes() for path in taken.folder.glob("*.*")} == before


def test_a_label_that_differs_fails_the_run(stages: list[Rehearsal], book: Book, tmp_path: Path) -> None:
    """And is named, with what the screen shows instead."""
    flow, first = book.flows[0], book.flows[0].steps[0]
    assert isinstance(first, Ask)
    renamed = replace(first.act.fields[0], label=replace(first.act.fields[0].label, msgid="Adresse de la poste"))
    other = replace(flow, steps=(replace(first, act=replace(first.act, fields=(renamed,))), *flow.steps[1:]))

    with pytest.raises(Differs, match=r"Adresse de la poste.*Adresse professionnelle"):
        take(stages, replace(book, flows=(other,)), tmp_path, tmp_path / "cache")


def test_a_button_that_differs_is_named() -> None:
    """Likewise."""
    step = FLOWS[0].steps[0]
    words = {
        "code": step.code,
        "language": "fr",
        "title": "Identification",
        "main": "",
        "button:Poursuivre": "Poursuivre",
    }
    bare = replace(step, copy=replace(step.copy, voter=()), act=replace(step.acts[0], fields=()))

    with pytest.raises(Differs, match=r"Continuer.*Poursuivre"):
        Screen(words, Language.FRENCH).hold(bare)


def test_every_refusal_of_the_flows_has_a_way() -> None:
    """A refusal that a step names without a way to meet it would stop the build of the help."""
    named = {refusal for flow in FLOWS for step in flow.steps for refusal in step.copy.refusals}

    assert named <= WAYS.keys()


def test_a_refusal_nobody_can_meet_fails_the_run(stages: list[Rehearsal], flow: Flow) -> None:
    """By its id."""
    guide = Guide(Walk(stages[0], mock.sentinel.page), [flow], flow)

    with pytest.raises(NotMet, match="lost-in-translation") as refused:
        guide.meet("lost-in-translation", flow.steps[0])
    assert isinstance(refused.value, PictureRefused)


def test_a_count_that_differs_from_the_text_fails_the_run() -> None:
    """Text and picture name the same times and counts; a value that the text leaves open may be any."""
    screen = Screen({"main": "Il vous reste 3 demandes sur 3, jusqu'à 12:02. Camille est servie."}, Language.FRENCH)

    screen.hold_sentences("ID-1", ["Il vous reste 3\u00a0demandes sur 3, jusqu'à 12:02.", f"{UNKNOWN} est servie."])
    with pytest.raises(Differs, match=r"ID-1.*« Il vous reste 2 demandes sur 3.*« Il vous reste 3 demandes sur 3"):
        screen.hold_sentences("ID-1", ["Il vous reste 2 demandes sur 3, jusqu'à 12:02."])
