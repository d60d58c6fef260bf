"""Takes every picture of the help: walks each flow through every state that `guides.shots` lists."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.steps import Act, Slip, Step, Tell
from core.text import Text
from guides.book import Book
from guides.entries import remedies_of, title_of
from guides.pictures.cache import Cache
from guides.pictures.camera import Camera
from guides.pictures.chromium import page_at, version
from guides.pictures.screen import Differs
from guides.pictures.stage import Stage
from guides.pictures.studio import Studio
from guides.pictures.walk import Walk, elsewhere
from guides.pictures.ways import TURNINGS, Guide, aside, slips_of
from guides.shots import MESSAGE, PLAIN, write_manifest


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pictures there are, and how many of them had to be taken."""

    pictures: int
    taken: int


def take(stages: Sequence[Stage], book: Book, folder: Path, cache: Path) -> Tally:
    """Every picture of that book in the stages' languages, and their manifest, into `folder`.

    Its first flow is the lost password's. Languages are walked side by side, a browser each.
    Raises PictureRefused: a help that exists is proof that its flows work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = Cache(cache, version())
    with ThreadPoolExecutor(len(stages)) as walkers, ThreadPoolExecutor(len(stages)) as darkroom:
        studios = [Studio(folder, kept, darkroom) for _ in stages]
        walks = [walkers.submit(_walk, *each, book) for each in zip(stages, studios, strict=True)]
        for walk in walks:
            walk.result()
    kept.forget_unused()
    pictures = [picture for studio in studios for picture in studio.pictures]
    write_manifest(folder, pictures)
    return Tally(len(pictures), sum(studio.taken for studio in studios))


def _walk(stage: Stage, studio: Studio, book: Book) -> None:
    """Every flow in one language."""
    with closing(stage), page_at(stage) as page:
        camera = Camera(page)
        for flow in book.flows:
            _Tour(book, Guide(Walk(stage, page, TURNINGS), book.flows, flow), camera, studio).take()


@dataclass(frozen=True)
class _Tour:
    """One flow in one language. What the text says beside a picture is read from the page."""

    book: Book
    guide: Guide
    camera: Camera
    studio: Studio

    def take(self) -> None:
        """The way through, with what can be typed wrong on it; then each refusal, by a way of its own."""
        self._begin("the way through")
        self.guide.enter()
        for step in self.guide.flow.steps:
            if aside(step):
                self._begin(step.code)
                self.guide.arrive(step)
            self._stop_at(step)
        for step in self.guide.flow.steps:
            for refusal in step.copy.refusals:
                self._begin(refusal)
                self.guide.meet(refusal, step)
                self._hold([title_of(refusal, self.book), *remedies_of(refusal, self.book)], refusal)
                self._show(step, refusal)

    def _begin(self, name: str) -> None:
        self.guide.walk.begin(f"{self.guide.flow.slug}: {name}")

    def _show(self, step: Step, state: str) -> None:
        self.studio.show(self.guide.walk, self.camera, self.guide.flow, step, state)

    def _stop_at(self, step: Step) -> None:
        walk = self.guide.walk
        if not elsewhere(step):
            walk.screen().hold(step)
            self._hold(step.copy.voter, step.code)
        walk.fill_examples(step)
        self._show(step, PLAIN)
        for act, slip in slips_of(step):
            self._slip(step, act, slip)
            self._show(step, slip.told.id)
        if isinstance(step, Tell) and step.message is not None:
            walk.open_message(step.message)
            self._show(step, MESSAGE)
        if not aside(step) and step is not self.guide.end:
            walk.advance(self.guide.flow, step)

    def _slip(self, step: Step, act: Act[object], slip: Slip) -> None:
        walk = self.guide.walk
        walk.fill_examples(step)
        walk.fill(slip.typed)
        walk.press(act)
        screen = walk.screen()
        if screen.code != step.code:
            raise Differs(step.code, "the step after a slip", step.code, screen.code)
        self._hold([title_of(slip.told.id, self.book)], slip.told.id)

    def _hold(self, sentences: Iterable[Text], at: str) -> None:
        walk = self.guide.walk
        walk.screen().hold_sentences(at, [self.book.said(each, walk.language, at) for each in sentences])
