"""The help of a demo: written at once with the pictures that there are, illustrated while the site serves."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Event
from pathlib import Path

from cli.demo_processes import FORKS, kill_fork_and_children, redirect_output_to_log, run_in_fork, start_fork
from cli.guides import (
    HELP_FAILURES,
    build_guides,
    handouts_folder_beside,
    help_failure_reason,
    locked_help,
    pictures_folder_beside,
    reporting_missing_library,
)
from cli.terminal_language import terminal_language
from cli.terminal_translation import CommandRefused, say_error
from core.app.open_election_folder import open_services
from core.app.services import Services
from core.security.roles_holding_keys import ProgramKeyRole
from core.settings import load
from core.text.faces import demo_cli_sentences as demo_words
from core.text.faces import help_page_texts as words
from core.text.text import Language, Text
from demo.folder import LOG_FOLDER, SECONDS_TO_END
from guides.handout_files import read_handout_list

WORTH_PUBLISHING = 15
"""The fewest new pictures for which the pages are written again, which takes as long as a few of them."""
SECONDS_BETWEEN_LOOKS = 0.5
LOG = "pictures.log"
SCRATCH = "pictures.scratch"
"""The folder for the temporary files of a run that may be killed."""


@dataclass
class DemoHelpBuilder:
    """The help of the demo in `folder`, whose site has that address at this start.

    At another port only what prints the address is made anew; what there is stays in the help until then.
    """

    folder: Path
    site: str
    takes_pictures: bool
    _illustrating: ForkProcess | None = field(default=None, init=False)
    _built: Event = field(default_factory=FORKS.Event, init=False)

    @contextmanager
    def build_and_illustrate(self, stopping: Callable[[], bool]) -> Iterator[None]:
        """Build the help with what former starts left, then take pictures and make handouts beside what runs in the block.

        They are taken in whatever time the processor has left. Without its libraries the demo has no help.
        """
        try:
            if find_spec("mkdocs") is not None:
                self._begin(stopping)
            yield
        finally:
            if self._illustrating is not None:
                kill_fork_and_children(self._illustrating)  # nothing is lost: each picture that is complete is kept
                shutil.rmtree(self._scratch, ignore_errors=True)

    def _begin(self, stopping: Callable[[], bool]) -> None:
        try:
            with locked_help(load(self.folder).guides_folder, seconds=SECONDS_TO_END):
                if self.takes_pictures:  # its fork goes on to hold the lock
                    self._illustrating = start_fork("illustrate", self._illustrate)
                run_in_fork(self.build, stopping)
                self._built.set()
        except CommandRefused as refused:
            refused.show()
        except OSError as refused:
            say_error(demo_words.HELP_NOT_WRITTEN, detail=help_failure_reason(refused))

    def build(self) -> None:
        """Build the help with the pictures and handouts that there are."""
        try:
            with self.services() as services:
                self._build(services)
        except HELP_FAILURES as refused:
            say_error(demo_words.HELP_NOT_WRITTEN, detail=help_failure_reason(refused))

    @property
    def _scratch(self) -> Path:
        return self.folder / SCRATCH

    def missing_pictures_sentence(self) -> Text | None:
        """Return the sentence about pictures that are not taken yet, or None when the help has all."""
        if find_spec("mkdocs") is None:
            return words.PARTS_FOR_PICTURES_MISSING
        with self.services() as services:
            return self._missing_pictures(services)

    def picture_count_sentence(self, services: Services) -> Text | None:
        """Return how many pictures there are, for the terminal's home, or None when no more will come."""
        if self._illustrating is None or not self._illustrating.is_alive():
            return None
        counts = picture_counts(services)
        return words.PICTURES_AT_DESK.fill(counts) if counts["taken"] < counts["wanted"] else None

    @contextmanager
    def services(self) -> Iterator[Services]:
        """Open the demo's election, at the address of this start, as its operator."""
        with closing(open_services(self.folder, ProgramKeyRole.OPERATOR)) as services:
            election = replace(services.dependencies.election, site=self.site)
            yield replace(services, dependencies=replace(services.dependencies, election=election))

    def _build(self, services: Services, notice: Text | None = None) -> None:
        folder = services.settings.guides_folder
        handouts = handouts_folder_beside(folder)
        build_guides(
            services,
            folder,
            pictures_folder_beside(folder),
            read_handout_list(handouts),
            handouts,
            notice=notice or self._missing_pictures(services),
        )

    def _illustrate(self) -> None:
        logs = self.folder / LOG_FOLDER
        logs.mkdir(exist_ok=True)
        redirect_output_to_log(logs / LOG)
        os.environ["TMPDIR"] = str(self._scratch)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        from guides.pictures.chromium import CHROMIUM  # noqa: PLC0415  # a demo may lack its libraries

        if not Path(CHROMIUM).exists():
            return
        with _one_sentence_on_failure(), self.services() as services:
            self._scratch.mkdir(exist_ok=True)
            taking = start_fork("pictures", self._take_pictures)  # beside it, pages are written in their own time
            pictures = pictures_folder_beside(services.settings.guides_folder)
            self._built.wait()
            self._publish_pictures_while(taking, services, pictures)
            if taking.exitcode:
                counts = picture_counts(services)
                interrupted = words.PICTURES_INTERRUPTED if counts["taken"] else words.FIRST_PICTURES_INTERRUPTED
                facts = {"log": str(Path(LOG_FOLDER) / LOG), "wanted": counts["wanted"]}
                self._build(services, interrupted.for_count(counts["taken"]).fill(facts))
                return
            with reporting_missing_library():
                from cli.update_handouts import update_all_handouts  # noqa: PLC0415  # they take long to load

            _, made = update_all_handouts(services, pictures, handouts_folder_beside(services.settings.guides_folder))
            if made:
                self._build(services)

    def _take_pictures(self) -> None:
        from cli.update_pictures import update_pictures  # noqa: PLC0415  # as above

        with _one_sentence_on_failure(), self.services() as services:
            pictures = pictures_folder_beside(services.settings.guides_folder)
            update_pictures(services, pictures, terminal_language(os.environ))

    def _publish_pictures_while(self, taking: ForkProcess, services: Services, pictures: Path) -> None:
        """Write the pages again whenever there are twice as many pictures, a part is complete, or the last is taken."""
        from guides.picture_manifest import Theme, manifest_written_at, read_manifest  # noqa: PLC0415  # as above

        shown, seen = len(read_manifest(pictures)), manifest_written_at(pictures)
        part = picture_counts(services)["wanted"] // (len(Language) * len(Theme))
        stale = False
        while taking.is_alive():
            taking.join(SECONDS_BETWEEN_LOOKS)
            if (written := manifest_written_at(pictures)) != seen:
                there, seen, stale = len(read_manifest(pictures)), written, True
                if there >= shown + max(WORTH_PUBLISHING, shown) or there // part > shown // part:
                    with suppress(*HELP_FAILURES):  # of the last time is told
                        self._build(services)
                        shown, stale = there, False
        if not taking.exitcode and (stale or manifest_written_at(pictures) != seen):
            self._build(services)

    def _missing_pictures(self, services: Services) -> Text | None:
        from guides.pictures.chromium import CHROMIUM  # noqa: PLC0415  # a demo may lack its libraries

        counts = picture_counts(services)
        if counts["taken"] == counts["wanted"] or not self.takes_pictures:
            return None
        if not Path(CHROMIUM).exists():
            missing = (
                words.CHROMIUM_FOR_PICTURES_MISSING if counts["taken"] else words.CHROMIUM_FOR_ALL_PICTURES_MISSING
            )
            return missing.for_count(counts["taken"]).fill(counts)
        return words.PICTURES_UNDER_WAY.fill(counts)


@contextmanager
def _one_sentence_on_failure() -> Iterator[None]:
    """Say in one sentence why the help cannot be illustrated, such as a full disk. Raises CommandRefused."""
    try:
        yield
    except HELP_FAILURES as refused:
        raise CommandRefused(demo_words.PICTURES_STOPPED, detail=help_failure_reason(refused)) from refused


def picture_counts(services: Services) -> dict[str, int]:
    """Return how many pictures of the help are taken, and how many are wanted."""
    from guides.picture_manifest import picture_requests, read_manifest  # noqa: PLC0415  # likewise

    wanted = picture_requests(services.flows.definitions)
    taken = read_manifest(pictures_folder_beside(services.settings.guides_folder)).keys() & set(wanted)
    return {"taken": len(taken), "wanted": len(wanted)}
