"""Take every picture of the help: walk each flow through every state that `guides.picture_manifest` lists."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from threading import Lock

from core.forms.flow_model import Action, FieldMistakeExample, Flow, Step
from core.text.text import Text
from core.text.translation import translate
from guides.help_source import HelpSource
from guides.picture_manifest import (
    ANSWER,
    LATER,
    PLAIN,
    PictureRequest,
    Theme,
    picture_requests,
    pictured_messages,
    pictured_step_states,
)
from guides.pictures import PictureRefused
from guides.pictures.browser_walk import BrowserWalk, is_mail_or_sms_step
from guides.pictures.camera import PageCamera
from guides.pictures.chromium_page import open_page
from guides.pictures.page_definition_check import PageDiffersFromDefinition
from guides.pictures.page_state_photographer import PageStatePhotographer
from guides.pictures.picture_folder import PictureFolder
from guides.pictures.sandboxed_site_interface import SandboxedSite
from guides.pictures.walk_to_steps_and_refusals import StepAndRefusalWalk, input_mistakes_of
from guides.step_element_numbers import numbered_elements_of_step


class ActionMissingInPictures(PictureRefused):
    """The text has a numbered action that no picture of its step shows."""

    def __init__(self, step: Step, number: int, label: str) -> None:
        super().__init__(f"{step.code}: no picture shows number {number}, « {label} »")


@dataclass(frozen=True, slots=True)
class PictureCounts:
    """The number of pictures, and of those that had to be taken."""

    pictures: int
    taken: int


def take_pictures(
    sandboxes: Sequence[SandboxedSite],
    help_source: HelpSource,
    folder: PictureFolder,
    themes: Sequence[Theme] = tuple(Theme),
) -> PictureCounts:
    """Take every picture of that book in the sandboxes' languages and those themes; write them and their manifest.

    The manifest is written whenever a step is done, for readers who do not wait for the last. The pictures of other languages
    and themes that were taken before are kept. The book's first flow is the lost password's. Sandboxes are walked side by side, a browser
    each; those of one language share its flows.
    Raises PictureRefused: a help that exists is proof that its flows work.
    """
    left = {sandbox.language: deque(help_source.flows) for sandbox in sandboxes}
    with ThreadPoolExecutor(len(sandboxes)) as walkers, ThreadPoolExecutor(len(sandboxes)) as encoders:
        photographers = [PageStatePhotographer(folder, encoders, themes) for _ in sandboxes]
        publisher = _Publisher(folder, set(picture_requests(help_source.flows)))
        walks = [
            walkers.submit(_walk, sandbox, photographer, help_source, left[sandbox.language], publisher)
            for sandbox, photographer in zip(sandboxes, photographers, strict=True)
        ]
        try:
            failures = [walk.exception() for walk in walks]
        except BaseException:  # Ctrl+C too
            publisher.stopped = True
            raise
    for failure in failures:
        if failure is not None and not isinstance(failure, WalkCancelled):
            raise failure
    publisher.publish()
    return PictureCounts(sum(len(each.pictures) for each in photographers), sum(each.taken for each in photographers))


class WalkCancelled(PictureRefused):
    """The pictures of this walker would be of no use, because another has failed or the command is interrupted."""


@dataclass
class _Publisher:
    """Writes the manifest of the pictures that there are, for all walkers, until they are `stopped`."""

    folder: PictureFolder
    wanted: AbstractSet[PictureRequest]
    stopped: bool = False
    _lock: Lock = field(default_factory=Lock)

    def publish(self) -> None:
        """Write the fresh pictures, and those of former runs that the help still shows. Raises WalkCancelled."""
        with self._lock:
            if self.stopped:
                raise WalkCancelled
            self.folder.write_manifest(self.wanted)


def _taken_from(left: deque[Flow]) -> Iterator[Flow]:
    """Yield flows, each of which no other walker of the same queue gets."""
    with suppress(IndexError):
        while True:
            yield left.popleft()


def _walk(
    sandbox: SandboxedSite,
    photographer: PageStatePhotographer,
    book: HelpSource,
    left: deque[Flow],
    publisher: _Publisher,
) -> None:
    """Take the pictures of the flows that are left in one language."""
    try:
        with closing(sandbox), open_page(sandbox) as page:
            camera = PageCamera(page)
            for flow in _taken_from(left):
                walk = BrowserWalk(sandbox, page, book.scenarios.leads_on)
                guide = StepAndRefusalWalk(walk, book.flows, flow, book.scenarios)
                pictures = _FlowPictures(book, guide, camera, photographer, publisher)
                pictures.take_way_through()
                pictures.take_what_opens_later_and_refusals()
    except BaseException:
        publisher.stopped = True
        raise


@dataclass(frozen=True)
class _FlowPictures:
    """One flow in one language. What the text says beside a picture is read from the page."""

    book: HelpSource
    guide: StepAndRefusalWalk
    camera: PageCamera
    photographer: PageStatePhotographer
    publisher: _Publisher

    def take_way_through(self) -> None:
        """Take each step with its typing errors."""
        self._begin("the way through")
        self.guide.go_to_first_step()
        for step in self.guide.flow.steps:
            if self.guide.is_side_step(step):
                self._begin(step.code)
                self.guide.go_to_step(step)
            self._stop_at(step)

    def take_what_opens_later_and_refusals(self) -> None:
        """Take each on a walk of its own."""
        for step in self.guide.flow.steps:
            if LATER in pictured_step_states(step):
                self._begin(f"{step.code} {LATER}")
                self.guide.go_to_step(step)
                self.guide.wait_for_actions(step)
                self.guide.walk.fill_examples(step)
                self._show(step, LATER)
            self._require_marks(step)
            for refusal in step.copy.refusals:
                self._begin(refusal)
                self.guide.go_to_refusal(refusal, step)
                entry = self.book.catalogue_entry(refusal)
                self._hold([entry.sentence, *entry.remedies], refusal)
                self._show(step, refusal)
            self.publisher.publish()

    def _begin(self, name: str) -> None:
        self.guide.walk.begin_new_walk(f"{self.guide.flow.slug}: {name}")

    def _show(self, step: Step, state: str) -> None:
        self.photographer.photograph_current_page(self.guide.walk, self.camera, self.guide.flow, step, state)

    def _require_marks(self, step: Step) -> None:
        """Raise ActionMissingInPictures unless the pictures of the step show every number of its text."""
        of_step = [each for each in self.photographer.pictures if each.shot.step == step.code]
        shown = {mark.number for each in of_step if each.shot.state in {PLAIN, LATER} for mark in each.marks}
        for each in numbered_elements_of_step(step):
            if each.number not in shown:
                raise ActionMissingInPictures(step, each.number, translate(each.label, self.guide.walk.language))

    def _stop_at(self, step: Step) -> None:
        walk = self.guide.walk
        if not is_mail_or_sms_step(step):
            walk.page_words_in_browser().check(step)
            self._hold(step.copy.voter, step.code)
        walk.fill_examples(step)
        self._show(step, PLAIN)
        for act, slip in input_mistakes_of(step):
            self._slip(step, act, slip)
            self._show(step, slip.error.id)
        for state, message in pictured_messages(step):
            if state == ANSWER:
                self.guide.let_desk_answer_in_writing()
            walk.open_message(message)
            self._show(step, state)
            self.guide.open_step(step)
        self.publisher.publish()
        if not self.guide.is_side_step(step) and step is not self.guide.last_step:
            walk.go_to_next_step(self.guide.flow, step)

    def _slip(self, step: Step, act: Action[object], slip: FieldMistakeExample) -> None:
        walk = self.guide.walk
        walk.fill_examples(step)
        walk.fill(slip.typed)
        walk.press(act)
        if walk.code != step.code:
            raise PageDiffersFromDefinition(step.code, "the step after a slip", step.code, walk.name_of_page)
        self._hold([self.book.catalogue_entry(slip.error.id).sentence], slip.error.id)

    def _hold(self, sentences: Iterable[Text], at: str) -> None:
        walk = self.guide.walk
        walk.page_words_in_browser().check_sentences(
            at, [self.book.fill_and_translate(each, walk.language, at) for each in sentences]
        )
