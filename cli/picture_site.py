"""Runs a demo in one process to take reproducible pictures for the help."""

import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr
from dataclasses import dataclass, replace
from datetime import datetime
from errno import ENOSPC
from io import StringIO
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Literal
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer

from cli.make_demo import SEED, make_demo_with
from core.adapters.database_clock import MovableClock
from core.adapters.key_vault import FILE, KeyVault, read_key_file
from core.adapters.logs import collected_lines
from core.adapters.network_limits import NoNetworkLimits
from core.adapters.password_hashing import Argon2PasswordHasher
from core.adapters.random_source import SeededRandomSource
from core.app.courier_assembly import courier_of
from core.app.election_folder import mail_composer_of, open_services
from core.app.services import Services
from core.app.settings import load
from core.delivery.courier import Courier
from core.delivery.senders import CallersThread
from core.flows.dependencies import Dependencies
from core.flows.example_facts import AFTER_OPENING
from core.flows.flow_plugin import EXAMPLE_CASE
from core.forms.flow_model import FieldKind
from core.ports import ComposedMail, SendAccepted, Sms, SmsDeliveryStatus, Transaction, Voter
from core.security.tokens import CASE_ALPHABET
from core.text.text import Language
from core.text.urls import HELP_FRONT, help_page_file
from demo.fictional_voters import fictional_people
from demo.folder import MAILBOX_FILE, TELEPHONE_FILE
from demo.mailbox import DemoMailFile
from demo.pages import create_demo_site
from demo.telephones import DemoSmsStore, SmsStatus
from guides.pictures import PictureRefused

ALMOST_FULL_BYTES = 4 << 20
"""A disk counts as full if it has fewer free bytes than this."""
KEY_SEED = "the keys of the pictures"
ON_THE_ROLL = {FieldKind.BIRTH_DATE: "birth_date", FieldKind.NUMEN: "numen"}
BLANK = "blank"
CHEAPEST_ARGON2 = {"memory_kib": 8, "time": 1}
"""The fastest parameters of argon2. For fictional passwords only."""


class DefectLoggedDuringWalk(PictureRefused):
    def __init__(self, lines: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("\n".join(map(repr, lines)))


class ExampleCaseRandomSource(SeededRandomSource):
    """Random numbers for the demo. The first case number is the one that the help gives as an example."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self._drawn = False

    def random_symbols(self, alphabet: str, size: int) -> str:
        if self._drawn or alphabet != CASE_ALPHABET:
            return super().random_symbols(alphabet, size)
        self._drawn = True
        return EXAMPLE_CASE.replace("-", "")


class MailboxTransport:
    def __init__(self, mailbox: DemoMailFile) -> None:
        self._mailbox = mailbox

    def reachable(self) -> bool:
        return True

    def send(self, envelope: ComposedMail) -> SendAccepted:
        self._mailbox.add(envelope.content, envelope.recipient)
        return SendAccepted("mailbox")

    def close(self) -> None:
        pass


class TelephoneTransport:
    def __init__(self, telephones: DemoSmsStore) -> None:
        self.texts: list[Sms] = []
        self._telephones = telephones

    def reachable(self) -> bool:
        return True

    def send(self, sms: Sms) -> SendAccepted:
        self.texts.append(sms)
        self._telephones.store_sms(sms.recipient, sms.text, None)
        self._telephones.update([(each, SmsStatus.DELIVERED, 0, True) for each in self._telephones.pending(1)])
        return SendAccepted("handset")

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class WalkEnvironment:
    services: Services
    courier: Courier
    handset: TelephoneTransport
    application: Flask


class DemoPictureSite:
    """A demo site for taking pictures. Each walk through a flow uses its own election."""

    def __init__(self, model: Services, folder: Path, language: Language) -> None:
        self.port = 0
        self.language = language
        self.address = model.dependencies.election.site
        self.calendar = model.dependencies.calendar
        self._model = model
        self._folder = folder
        self._walks = 0
        voter, self._somebody_else = fictional_people(2, SEED)
        self._voter = replace(voter, language=language, **_shown_as_examples(model))
        self.voter_email = self._voter.email
        self._scene: WalkEnvironment | None = None
        self.began = model.dependencies.calendar.to_local(model.dependencies.calendar.vote_opens + AFTER_OPENING)
        self._clock = MovableClock(self.began)
        with redirect_stderr(StringIO()):  # hide the progress bar of the import
            people = [self._voter, self._somebody_else]
            # No agents are added, because their codes would be different in every run.
            make_demo_with(people, folder / BLANK, self.began, SeededRandomSource(KEY_SEED), desk={})
        # Pages link to the help only if this file exists.
        front = load(folder / BLANK).guides_folder / help_page_file(HELP_FRONT, Language.FRENCH)
        front.parent.mkdir(parents=True)
        front.touch()

    @property
    def _walk(self) -> WalkEnvironment:
        if self._scene is None:
            raise RuntimeError("call begin_new_walk() first")
        return self._scene

    def begin_new_walk(self, walk: str) -> None:
        self.close()
        self._walks += 1
        folder = self._folder / f"walk-{self._walks}"
        shutil.copytree(self._folder / BLANK, folder)
        self._clock.at = self.began
        services = self._opened(folder, f"{walk} {self.language}")
        postman = MailboxTransport(DemoMailFile(folder / MAILBOX_FILE))
        handset = TelephoneTransport(DemoSmsStore(folder / TELEPHONE_FILE, self._clock))
        courier = courier_of(services, postman, handset, mail_composer_of(services), CallersThread)
        self._scene = WalkEnvironment(services, courier, handset, create_demo_site(services))

    def set_clock(self, moment: datetime) -> None:
        self._clock.at = moment

    def deliver_messages(self) -> None:
        while self._walk.courier.run_once():
            continue

    @property
    def last_sms_text(self) -> str:
        texts = self._walk.handset.texts
        return texts[-1].text if texts else ""

    @property
    def dependencies(self) -> Dependencies:
        return self._walk.services.dependencies

    def report_last_sms(self, delivery: SmsDeliveryStatus) -> None:
        message_id = self._walk.handset.texts[-1].message_id
        flows = self._walk.services.flows
        any(flow.receive_delivery_report(message_id, delivery, lambda _: None) for flow in flows)

    @contextmanager
    def voter_transaction(self, *, other: bool = False) -> Iterator[tuple[Transaction, Voter]]:
        """Yield a transaction and the voter in the pictures. If `other` is True, yield a different voter."""
        person = self._somebody_else if other else self._voter
        with self._walk.services.dependencies.store.write() as transaction:
            voter = transaction.voters.by_address(person.email)
            if voter is None:
                raise LookupError(person.email)
            yield transaction, voter

    def close(self) -> None:
        if self._scene is not None:
            self._scene.courier.close()
            self._scene.services.close()
            self._scene = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._walk.application(environ, start_response)

    def _opened(self, folder: Path, seed: str) -> Services:
        model = self._model
        services = open_services(folder, flow_plugin_types=model.registered)
        web = services.settings.web.model_copy(update={"allowed_hosts": (urlsplit(self.address).hostname or "",)})
        dependencies = replace(
            services.dependencies,
            hasher=Argon2PasswordHasher(**CHEAPEST_ARGON2),
            vault=KeyVault(read_key_file(folder / FILE), SeededRandomSource(f"nonces of {seed}")),
            entropy=ExampleCaseRandomSource(seed),
            clock=self._clock,
            policy=model.dependencies.policy,
            calendar=model.dependencies.calendar,
            election=model.dependencies.election,
        )
        settings = services.settings.model_copy(update={"web": web, "mail": model.settings.mail})
        return replace(services, settings=settings, dependencies=dependencies, networks=NoNetworkLimits())


def _shown_as_examples(model: Services) -> dict[str, Any]:
    actions = [act for line in model.dispatcher.handlers for step in line.steps.flow.steps for act in step.actions]
    fields = [each for act in actions for each in act.fields if each.kind in ON_THE_ROLL]
    return {ON_THE_ROLL[each.kind]: each.parse(each.example) for each in fields}


@contextmanager
def picture_site(model: Services, language: Language) -> Iterator[DemoPictureSite]:
    """Serve the demo site on a free port. Raises DefectLoggedDuringWalk."""
    with ExitStack() as parts, collected_lines() as logged:  # operators must not see these logs
        server_log = logging.getLogger("werkzeug")
        parts.callback(server_log.setLevel, server_log.level)
        server_log.setLevel(logging.CRITICAL)  # hide disconnected browsers; the application logs its own errors
        folder = Path(parts.enter_context(TemporaryDirectory()))
        harness = DemoPictureSite(model, folder, language)
        parts.callback(harness.close)
        secure: Literal["adhoc"] | None = "adhoc" if harness.address.startswith("https:") else None
        server = ThreadedWSGIServer("127.0.0.1", 0, harness, ssl_context=secure)
        harness.port = server.port
        thread = Thread(target=server.serve_forever)
        thread.start()
        parts.callback(server.server_close)
        parts.callback(thread.join)
        parts.callback(server.shutdown)
        try:
            yield harness
        except Exception:
            raise_if_disk_is_full(folder)  # a full disk is the probable cause
            raise
    defects = [line for line in logged if line["level"] == "error"]
    if defects:
        raise DefectLoggedDuringWalk(defects)


def raise_if_disk_is_full(folder: Path) -> None:
    """Raise OSError (ENOSPC) if the disk is almost full."""
    if disk_usage(folder).free < ALMOST_FULL_BYTES:
        raise OSError(ENOSPC, os.strerror(ENOSPC), str(folder))
