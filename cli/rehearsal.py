"""The product as the help's pictures are taken of it: the real site, store and courier of a demo, in this process.

A house of its own for each walk, so that no walk sees what another did. Its clock stands until the walk moves it and
its chance is the same at every run, so that two runs draw the same pages. Both are handed over here, as arguments:
no setting and no command leads to them.
"""

import shutil
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Literal
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from structlog.testing import capture_logs
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from cli.demo_folder import MAILBOX_FILE, SEED, make_demo_of
from cli.fiction import Person, fictional_people
from cli.stand_ins import ExampleEntropy, Handset, Postman
from core import bootstrap
from core.adapters.clock import MovableClock
from core.adapters.entropy import SeededEntropy
from core.adapters.hashing import Argon2Hasher
from core.adapters.keys import FILE, KeyVault, read
from core.adapters.mailbox import Mailbox
from core.adapters.throttle import OpenDoor
from core.bootstrap import House, letters_of
from core.courier.hands import Hands
from core.courier.worker import Courier
from core.digests import phone_digest
from core.example import AFTER_OPENING
from core.places import HELP_FRONT, help_page
from core.policy import Calendar, Policy
from core.ports import Delivery, Recovery, Transaction, Voter
from core.recovery import Identified
from core.settings import load
from core.steps import FieldKind
from core.text import Language
from guides.pictures import PictureRefused
from webhook.app import create_app

KEY_SEED = "the keys of the pictures"
ON_THE_ROLL = {FieldKind.BIRTH_DATE: "birth_date", FieldKind.NUMEN: "numen"}
BLANK = "blank"
QUICKLY = {"memory_kib": 8, "time": 1}
"""The least that argon2 takes: what it guards here is thrown away with the walk."""


class Defect(PictureRefused):
    """The product met a defect of its own while it was walked; its log lines."""

    def __init__(self, lines: Sequence[MutableMapping[str, Any]]) -> None:
        super().__init__("\n".join(map(repr, lines)))


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The application has its own log."""


class Server(ThreadedWSGIServer):
    """The site's: what goes wrong in it is the application's to tell, the rest is a browser that has left."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's signature
        """Nothing."""


@dataclass(frozen=True)
class Scene:
    """The house of one walk, its courier, the voter's telephone, and its site."""

    house: House
    courier: Courier
    handset: Handset
    application: Flask


class Rehearsal:
    """The Stage of the pictures: a site for each walk, all at the address of the election the help is for."""

    def __init__(self, model: House, folder: Path, language: Language) -> None:
        self.port = 0
        self.language = language
        self._model = model
        self._folder = folder
        self._walks = 0
        voter, self._somebody_else = fictional_people(2, SEED)
        self._voter = replace(voter, language=language, **_shown_as_examples(model))
        self._scene: Scene | None = None
        self.began = model.calendar.local(model.calendar.vote_opens + AFTER_OPENING)
        self.clock = MovableClock(self.began)
        with redirect_stderr(StringIO()):  # the progress of importing one voter is no news
            people = [self._voter, self._somebody_else]
            # no agents: their codes change at every run, and nobody sees them here
            make_demo_of(people, folder / BLANK, self.began, SeededEntropy(KEY_SEED), agents={})
        self._lead_to_the_help()

    @property
    def site(self) -> str:
        """Its address as voters type it."""
        return self._model.election.site

    @property
    def policy(self) -> Policy:
        """Its numbers."""
        return self._model.policy

    @property
    def calendar(self) -> Calendar:
        """Its dates."""
        return self._model.calendar

    @property
    def address(self) -> str:
        """The voter's."""
        return self._voter.email

    @property
    def scene(self) -> Scene:
        """The walk's. Before the first `begin` there is none."""
        if self._scene is None:
            raise RuntimeError("begin a walk first")
        return self._scene

    def begin(self, walk: str) -> None:
        """A house where nothing has happened yet."""
        self.close()
        self._walks += 1
        folder = self._folder / f"walk-{self._walks}"
        shutil.copytree(self._folder / BLANK, folder)
        self.clock.at = self.began
        house = self._opened(folder, f"{walk} {self.language}")
        postman, handset = Postman(Mailbox(folder / MAILBOX_FILE)), Handset()
        courier = house.courier(Hands(postman), Hands(handset), letters_of(house))
        self._scene = Scene(house, courier, handset, create_app(house))

    def deliver(self) -> None:
        """The courier works until nothing is due."""
        while self.scene.courier.round():
            continue

    @property
    def last_text(self) -> str:
        """The newest SMS on the voter's telephone, or nothing."""
        texts = self.scene.handset.texts
        return texts[-1].text if texts else ""

    def lose_last_text(self) -> None:
        """The operator says for good that the newest SMS was not delivered."""
        last = self.scene.handset.texts[-1]
        self.scene.house.hearing.delivered(last.message_id, Delivery.UNDELIVERED)

    def give_password(self, password: str) -> None:
        """The voter has chosen it before."""
        hashed = self.scene.house.tools.hasher.hash(password)
        with self._writing(self._voter) as (transaction, voter):
            transaction.voters.choose_password(voter.id, hashed, epoch=voter.epoch, at=self.clock.now())

    def freeze(self) -> None:
        """The voter's account is blocked."""
        with self._writing(self._voter) as (transaction, voter):
            transaction.voters.freeze(voter.id, epoch=voter.epoch, at=self.clock.now())

    def spend_reissues(self) -> None:
        """The voter has received all the identifiers that one may have."""
        for slot in range(1, self.policy.reissues + 1):
            case = self._reserve(slot)
            with self._writing(self._voter) as (transaction, _):
                transaction.reissues.put_in_force(case, slot)
                transaction.reissues.end(case, self.clock.now())

    def keep_a_reissue_going(self) -> None:
        """A re-issue is under way in another of the voter's cases."""
        self._reserve(1)

    def give_phone_away(self, phone: str) -> None:
        """Somebody else has used that number, in E.164."""
        digest = phone_digest(self.scene.house.vault, phone)
        with self._writing(self._somebody_else) as (transaction, other):
            transaction.phone_claims.claim(digest, other.id, self.clock.now())

    def _reserve(self, slot: int) -> str:
        """A re-issue in a case of its own, of another flow; its number."""
        number, now = f"{'ABCDEFG'[slot]}234-5678", self.clock.now()
        state = Identified(typed=self.address, address=self.address)
        case = Recovery(
            handle=number.encode(), number=number, flow=self.scene.house.password.flow.slug, state=state, began=now
        )
        with self._writing(self._voter) as (transaction, voter):
            transaction.recoveries.add(case, voter=voter.id)
            transaction.reissues.reserve(number, voter.id, slot=slot, at=now)
        return number

    @contextmanager
    def _writing(self, person: Person) -> Iterator[tuple[Transaction, Voter]]:
        """The walk's store, and that person's row in it."""
        with self.scene.house.store.write() as transaction:
            voter = transaction.voters.by_address(person.email)
            if voter is None:
                raise LookupError(person.email)
            yield transaction, voter

    def close(self) -> None:
        """Lets the walk's house go, in the thread that walked it."""
        if self._scene is not None:
            self._scene.courier.close()
            self._scene.house.close()
            self._scene = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The walk's site, as a server calls it. Whole, so that a browser that leaves too soon leaves nothing open."""
        response = self.scene.application(environ, start_response)
        try:
            return [b"".join(response)]
        finally:
            if hasattr(response, "close"):
                response.close()

    def _lead_to_the_help(self) -> None:
        """The pages lead to it, as they will once it is built."""
        front = load(self._folder / BLANK).guides_folder / help_page(HELP_FRONT, Language.FRENCH)
        front.parent.mkdir(parents=True)
        front.touch()

    def _opened(self, folder: Path, seed: str) -> House:
        """The walk's house, with the rules and the words of the election the help is for."""
        house, model = bootstrap.open_house(folder), self._model
        web = house.settings.web.model_copy(update={"allowed_hosts": (urlsplit(self.site).hostname or "",)})
        tools = replace(
            house.tools,
            hasher=Argon2Hasher(**QUICKLY),
            vault=KeyVault(read(folder / FILE), SeededEntropy(f"nonces of {seed}")),
            entropy=ExampleEntropy(seed),
            clock=self.clock,
            policy=model.policy,
            calendar=model.calendar,
            election=model.election,
        )
        settings = house.settings.model_copy(update={"web": web, "mail": model.settings.mail})
        return replace(house, settings=settings, tools=tools, networks=OpenDoor(), more_lines=model.more_lines)


def _shown_as_examples(model: House) -> dict[str, Any]:
    """What the fields of the flows show as their examples, as the roll has it: whoever types them must be found."""
    fields = [
        each for line in model.reception.lines for step in line.flow.steps for act in step.acts for each in act.fields
    ]
    return {ON_THE_ROLL[each.kind]: each.parse(each.example) for each in fields if each.kind in ON_THE_ROLL}


@contextmanager
def rehearsals(model: House, languages: Iterable[Language] = Language) -> Iterator[list[Rehearsal]]:
    """A stage a language for the pictures of that election's help, each on a free port of this machine.

    Raises Defect at the end when a site or a courier met one: a help that shows it would be no proof.
    """
    with ExitStack() as open_ones, capture_logs() as logged:  # not only a test's: nothing of it is for an operator
        folder = Path(open_ones.enter_context(TemporaryDirectory()))
        stages = [Rehearsal(model, folder / language, language) for language in languages]
        for stage in stages:
            open_ones.enter_context(_served(stage))
        yield stages
    defects = [line for line in logged if line["log_level"] == "error"]
    if defects:
        raise Defect(defects)


@contextmanager
def _served(stage: Rehearsal) -> Iterator[None]:
    secure: Literal["adhoc"] | None = "adhoc" if stage.site.startswith("https:") else None
    server = Server("127.0.0.1", 0, stage, Quiet, ssl_context=secure)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        stage.port = server.port
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
