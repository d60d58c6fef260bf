"""Builds the help of a demo, and takes missing pictures while the demo runs."""

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from threading import Thread

from core.app.election_folder import open_services
from core.app.services import Services
from core.security.key_roles import ProgramKeyRole
from core.text.faces import demo_cli_sentences as demo_words
from core.text.faces import help_page_texts as words
from core.text.text import Language, Text
from core.text.translation import translate
from demo.folder import LOG_FOLDER, SECONDS_TO_END
from guides import HelpNotBuilt
from guides.builds import (
    HELP_FAILURES,
    build_help,
    handouts_folder_beside,
    help_failure_reason,
    locked_help,
    pictures_folder_beside,
    reporting_missing_library,
)
from guides.picture_manifest import Theme, picture_requests, read_manifest
from guides.pictures import CHROMIUM

UpdatePictures = Callable[[Services, Path, Language, Callable[[], None]], object]
"""A function that makes the missing screenshots. It calls its last argument after each step."""
SPAWN = multiprocessing.get_context("spawn")
WORTH_PUBLISHING = 15
"""Minimum number of new pictures before the pages are built again."""
SECONDS_BETWEEN_LOOKS = 0.1
NICE = 19
"""Nice value of the process that takes pictures."""
LOG = "pictures.log"
SECONDS_TO_STOP = 2.5
SCRATCH = "pictures.scratch"


@dataclass
class DemoHelp:
    """Builds the help in a separate process. `site` is the demo's web address."""

    folder: Path
    site: str
    language: Language
    update_pictures: UpdatePictures | None
    _process: SpawnProcess | None = field(default=None, init=False)

    @contextmanager
    def run(self, stopping: Callable[[], bool]) -> Iterator[None]:
        """Build the help, and take missing pictures while the block runs."""
        if find_spec("mkdocs") is None:
            yield
            return
        built = SPAWN.Event()
        work = HelpWork(self.folder, self.site, self.language, self.update_pictures)
        self._process = SPAWN.Process(target=work.run, args=(built,))
        self._process.start()
        try:
            while self._process.is_alive() and not stopping() and not built.wait(SECONDS_BETWEEN_LOOKS):
                continue
            yield
        finally:
            self._process.terminate()
            self._process.join(SECONDS_TO_STOP)
            if self._process.is_alive() and self._process.pid is not None:  # finished pictures are kept
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)  # the browser too
                self._process.join()
            shutil.rmtree(self.folder / SCRATCH, ignore_errors=True)

    def missing_pictures_sentence(self) -> Text | None:
        """Return a sentence saying which parts or pictures the help lacks, or None."""
        if find_spec("mkdocs") is None:
            return words.PARTS_FOR_PICTURES_MISSING
        with services_at(self.folder, self.site) as services:
            return missing_pictures_sentence(services) if self.update_pictures else None

    def picture_count_sentence(self, services: Services) -> Text | None:
        """Return a sentence that counts the finished pictures, or None if no more pictures will follow."""
        if self._process is None or not self._process.is_alive():
            return None
        counts = picture_counts(services)
        return words.PICTURES_AT_DESK.fill(counts) if counts["taken"] < counts["wanted"] else None


@dataclass(frozen=True)
class HelpWork:
    folder: Path
    site: str
    language: Language
    update_pictures: UpdatePictures | None

    def run(self, built: Event) -> None:
        """Build the pages, set the event `built`, and then take the missing pictures."""
        os.setsid()  # at Ctrl+C, only the demo is signalled, and it stops this process
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        Thread(target=_end_with_demo, daemon=True).start()
        with services_at(self.folder, self.site) as services:
            try:
                with locked_help(services.settings.guides_folder, seconds=SECONDS_TO_END):
                    self.build(services)
                    built.set()
                    if self.update_pictures is not None:
                        self._take_pictures(services, self.update_pictures)
            except HelpNotBuilt as refused:
                self._say(refused.sentence)

    def build(self, services: Services, notice: Text | None = None) -> None:
        if notice is None and self.update_pictures is not None:
            notice = missing_pictures_sentence(services)
        try:
            build_help(services, services.settings.guides_folder, notice)
        except HELP_FAILURES as refused:
            self._say(demo_words.HELP_NOT_WRITTEN.fill({"detail": help_failure_reason(refused)}))

    def _take_pictures(self, services: Services, update_pictures: UpdatePictures) -> None:
        log = self.folder / LOG_FOLDER / LOG
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as file:
            os.dup2(file.fileno(), sys.stdout.fileno())
            os.dup2(file.fileno(), sys.stderr.fileno())
        with reporting_missing_library():
            from guides.handouts import update_all_handouts  # noqa: PLC0415  # a demo may lack its libraries

        if not Path(CHROMIUM).exists():
            return
        os.nice(NICE)
        scratch = self.folder / SCRATCH
        scratch.mkdir(exist_ok=True)
        os.environ["TMPDIR"] = str(scratch)
        pictures = pictures_folder_beside(services.settings.guides_folder)
        shown = len(read_manifest(pictures))
        part = picture_counts(services)["wanted"] // (len(Language) * len(Theme))

        def publish() -> None:
            """Build the pages again if there are enough new pictures."""
            nonlocal shown
            taken = len(read_manifest(pictures))
            if taken >= shown + max(WORTH_PUBLISHING, shown) or taken // part > shown // part:
                self.build(services)
                shown = taken

        try:
            update_pictures(services, pictures, self.language, publish)
            update_all_handouts(services, pictures, handouts_folder_beside(services.settings.guides_folder))
        except HELP_FAILURES as refused:
            self._say(demo_words.PICTURES_STOPPED.fill({"detail": help_failure_reason(refused)}))
            counts = picture_counts(services)
            interrupted = words.PICTURES_INTERRUPTED if counts["taken"] else words.FIRST_PICTURES_INTERRUPTED
            facts = {"log": str(Path(LOG_FOLDER) / LOG), "wanted": counts["wanted"]}
            self.build(services, interrupted.for_count(counts["taken"]).fill(facts))
        else:
            self.build(services)

    def _say(self, sentence: Text) -> None:
        sys.stderr.write(f"{translate(sentence, self.language)}\n")
        sys.stderr.flush()


def _end_with_demo() -> None:
    demo = multiprocessing.parent_process()
    if demo is not None:
        demo.join()
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def services_at(folder: Path, site: str) -> Iterator[Services]:
    """Open the demo's election with the operator's keys. `site` is the demo's web address."""
    with closing(open_services(folder, ProgramKeyRole.OPERATOR)) as services:
        election = replace(services.dependencies.election, site=site)
        yield replace(services, dependencies=replace(services.dependencies, election=election))


def missing_pictures_sentence(services: Services) -> Text | None:
    counts = picture_counts(services)
    if counts["taken"] == counts["wanted"]:
        return None
    if not Path(CHROMIUM).exists():
        missing = words.CHROMIUM_FOR_PICTURES_MISSING if counts["taken"] else words.CHROMIUM_FOR_ALL_PICTURES_MISSING
        return missing.for_count(counts["taken"]).fill(counts)
    return words.PICTURES_UNDER_WAY.fill(counts)


def picture_counts(services: Services) -> dict[str, int]:
    wanted = picture_requests(services.flows.definitions)
    taken = read_manifest(pictures_folder_beside(services.settings.guides_folder)).keys() & set(wanted)
    return {"taken": len(taken), "wanted": len(wanted)}
