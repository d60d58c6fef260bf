"""Walks through the site, and takes the pictures that `guides.picture_manifest` lists."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.flows.picture_browser import PictureSite
from core.forms.flow_model import Action, FieldMistakeExample, Step
from core.text.text import Text
from core.text.translation import translate
from guides.help_source import HelpSource
from guides.picture_manifest import (
    ANSWER,
    LATER,
    PLAIN,
    Theme,
    picture_requests,
    pictured_messages,
    pictured_step_states,
)
from guides.pictures import PictureRefused
from guides.pictures.camera import PageCamera
from guides.pictures.chromium import open_page
from guides.pictures.definition_check import PageDiffersFromDefinition
from guides.pictures.flow_walk import FlowWalk, input_mistakes_of, is_mail_or_sms_step
from guides.pictures.photographer import PageStatePhotographer
from guides.pictures.picture_folder import PictureFolder
from guides.step_element_numbers import numbered_elements_of_step


class ActionMissingInPictures(PictureRefused):
    def __init__(self, step: Step, number: int, label: str) -> None:
        super().__init__(f"{step.code}: no picture shows number {number}, « {label} »")


@dataclass(frozen=True, slots=True)
class PictureCounts:
    pictures: int
    taken: int


def take_pictures(
    site: PictureSite,
    help_source: HelpSource,
    folder: PictureFolder,
    themes: Sequence[Theme] = tuple(Theme),
    published: Callable[[], None] = lambda: None,
) -> PictureCounts:
    """Take all pictures in the site's language. Calls `published` after each step. Raises PictureRefused."""
    wanted = set(picture_requests(help_source.flows))

    def publish() -> None:
        folder.write_manifest(wanted)
        published()

    with open_page(site) as page:
        photographer = PageStatePhotographer(folder, PageCamera(page), themes)
        for flow in help_source.flows:
            walk = FlowWalk(site, page, help_source.flows, flow, help_source.scenarios)
            pictures = _FlowPictures(help_source, walk, photographer, publish)
            pictures.take_steps()
            pictures.take_later_states_and_refusals()
    return PictureCounts(len(photographer.pictures), photographer.taken)


@dataclass(frozen=True)
class _FlowPictures:
    """Takes the pictures of one flow, and checks that the flow's pages match the help."""

    book: HelpSource
    walk: FlowWalk
    photographer: PageStatePhotographer
    publish: Callable[[], None]

    def take_steps(self) -> None:
        self.walk.begin_new_walk("the way through")
        self.walk.go_to_first_step()
        for step in self.walk.flow.steps:
            if self.walk.is_side_step(step):
                self.walk.begin_new_walk(step.code)
                self.walk.go_to_step(step)
            self._take_step(step)

    def take_later_states_and_refusals(self) -> None:
        """Take pictures of refusals, and of actions that become available later."""
        for step in self.walk.flow.steps:
            if LATER in pictured_step_states(step):
                self.walk.begin_new_walk(f"{step.code} {LATER}")
                self.walk.go_to_step(step)
                self.walk.wait_for_actions(step)
                self.walk.fill_examples(step)
                self._show(step, LATER)
            self._require_marks(step)
            for refusal in step.copy.refusals:
                self.walk.begin_new_walk(refusal)
                self.walk.go_to_refusal(refusal, step)
                entry = self.book.catalogue_entry(refusal)
                shown = self.walk.page_words()
                for sentence in (entry.sentence, *entry.remedies):
                    shown.check_shows(refusal, sentence)  # the page has a time where the help has general words
                self._show(step, refusal)
            self.publish()

    def _show(self, step: Step, state: str) -> None:
        self.photographer.photograph_current_page(self.walk, step, state)

    def _require_marks(self, step: Step) -> None:
        """Raise ActionMissingInPictures if a numbered element of the step is missing from all pictures."""
        of_step = [each for each in self.photographer.pictures if each.shot.step == step.code]
        shown = {mark.number for each in of_step if each.shot.state in {PLAIN, LATER} for mark in each.marks}
        for each in numbered_elements_of_step(step):
            if each.number not in shown:
                raise ActionMissingInPictures(step, each.number, translate(each.label, self.walk.language))

    def _take_step(self, step: Step) -> None:
        walk = self.walk
        if not is_mail_or_sms_step(step):
            walk.page_words().check(step)
            self._check_page_shows(step.copy.voter, step.code)
        walk.fill_examples(step)
        if PLAIN in pictured_step_states(step):
            self._show(step, PLAIN)
        for act, slip in input_mistakes_of(step):
            self._make_mistake(step, act, slip)
            self._show(step, slip.error.id)
        for state, message in pictured_messages(step):
            if state == ANSWER:
                walk.let_desk_answer_in_writing()
            walk.open_message(message)
            self._show(step, state)
            walk.open_step(step)
        self.publish()
        if not self.walk.is_side_step(step) and step is not self.walk.last_step:
            walk.go_to_next_step(step)

    def _make_mistake(self, step: Step, act: Action[object], slip: FieldMistakeExample) -> None:
        walk, now = self.walk, self.walk.site.dependencies.clock.now()
        walk.fill_examples(step)
        walk.fill(slip.typed)
        walk.site.set_clock(now + slip.after)
        walk.press(act)
        walk.site.set_clock(now)
        if walk.code != step.code:
            raise PageDiffersFromDefinition(step.code, "the step after a slip", step.code, walk.name_of_page)
        self._check_page_shows([self.book.catalogue_entry(slip.error.id).sentence], slip.error.id)

    def _check_page_shows(self, sentences: Iterable[Text], at: str) -> None:
        walk = self.walk
        walk.page_words().check_sentences(
            at, [self.book.fill_and_translate(each, walk.language, at) for each in sentences]
        )
