"""Sends one test SMS for `retrouve doctor --sms`."""

from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import click

from cli.open_services import open_services_or_exit
from cli.terminal_translation import CommandRefused, say
from core.adapters.http_client import HttpAnswer, HttpRequest
from core.adapters.http_sms_provider import HIDDEN, HttpSmsProvider, hide_secret
from core.adapters.provider_failover import FailoverTransport
from core.app.courier_assembly import sms_providers_of
from core.app.health import doctor_sentences as words
from core.app.services import Services
from core.app.settings import KannelSection
from core.delivery.sms_gateway_callbacks import FINAL_STATUSES, TEST_SMS
from core.forms.flow_model import FieldRejected
from core.forms.phone_number_parser import parse_phone
from core.ports import Actor, Event, EventType, SendAccepted, Sms, SmsDeliveryStatus
from core.security.key_roles import ProgramKeyRole
from core.security.tokens import new_case_number, sms_id
from core.text.safe_text import safe_text
from core.text.text import Language
from core.text.translation import translate

WAIT_SECONDS, POLL_SECONDS = 60, 1
LONGEST_LINE = 1000
"""Maximum number of characters to show of each header and body."""
HIDDEN_HEADERS = frozenset({"authorization"})
ACCOUNT_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def send_test_sms(folder: Path, typed: str, gateway: str | None) -> bool:
    """Send the SMS and wait for its report. Returns False if the SMS failed."""
    services = open_services_or_exit(folder, ProgramKeyRole.COURIER)
    provider, secret = _provider(services, gateway)
    answers: list[HttpAnswer] = []
    provider.watch = lambda message: _show(message, secret, answers)
    sms = _test_sms(services, typed)
    with closing(FailoverTransport([provider], "")) as transport:
        answer = transport.send(sms)
    case = sms.message_id.split(".")[1]
    act = EventType.SMS_ACCEPTED if isinstance(answer, SendAccepted) else EventType.SMS_REFUSED
    reason, now = f"{TEST_SMS} {provider.name}", services.dependencies.clock.now()
    with services.dependencies.store.write() as transaction:
        transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, case=case, reason=reason))
    if not isinstance(answer, SendAccepted):
        say(words.TEST_NOT_ACCEPTED, gateway=provider.name, reason=answer.reason.removeprefix(f"{provider.name}: "))
        if answers and answers[-1].status in ACCOUNT_REFUSED:
            say(words.CHECK_PROVIDER_ACCOUNT)
        return False
    say(words.TEST_ACCEPTED, gateway=provider.name)
    say(words.TEST_WAITS.for_count(WAIT_SECONDS))
    return _follow_reports(services, case)


def _provider(services: Services, name: str | None) -> tuple[HttpSmsProvider[Any], str]:
    sections, providers = services.settings.sms.gateways, sms_providers_of(services)
    for section, provider in zip(sections, providers, strict=True):
        if name in {None, section.name}:
            secret = section.password if isinstance(section, KannelSection) else section.secret
            return provider, "" if secret is None else secret.get_secret_value()
    names = ", ".join(section.name for section in sections)
    raise CommandRefused(words.NO_SUCH_GATEWAY if names else words.NO_GATEWAY, names=names)


def _test_sms(services: Services, typed: str) -> Sms:
    needs, settings = services.dependencies, services.settings
    try:
        number = parse_phone(typed, needs.policy.phone_codes).e164
    except FieldRejected as rejected:
        raise CommandRefused(rejected.reason) from None
    host = urlsplit(settings.election.site).hostname
    return Sms(
        recipient=number,
        text=translate(words.TEST_TEXT.fill({"site": host}), Language.FRENCH),
        message_id=sms_id(TEST_SMS, new_case_number(needs.entropy), 0),
        useful_until=needs.clock.now() + timedelta(minutes=needs.policy.code_valid_minutes),
    )


def _follow_reports(services: Services, case: str) -> bool:
    shown: list[str] = []
    until = monotonic() + WAIT_SECONDS
    while monotonic() < until:
        with services.dependencies.store.read() as transaction:
            events = transaction.journal.of_case(case)
        for event in events:
            delivery = (event.reason or "").rpartition(" ")[2]
            if event.act == EventType.SMS_REPORTED and delivery not in shown:
                shown.append(delivery)
                say(words.TEST_REPORTS.get(SmsDeliveryStatus(delivery), words.TEST_UNDELIVERED))
        if not FINAL_STATUSES.isdisjoint(shown):
            return SmsDeliveryStatus.DELIVERED in shown
        sleep(POLL_SECONDS)
    say(words.TEST_NO_REPORT.for_count(WAIT_SECONDS), words.CHECK_REPORTS)
    return True


def _show(message: HttpRequest | HttpAnswer, secret: str, answers: list[HttpAnswer]) -> None:
    if isinstance(message, HttpRequest):
        say(words.TEST_REQUEST)
        lines = [f"{message.method} {message.url}", *_headers(message.headers), message.body.decode(errors="replace")]
    else:
        answers.append(message)
        say(words.TEST_ANSWER)
        lines = [f"HTTP {message.status}", *_headers(message.headers), message.text]
    for line in filter(None, lines):
        click.echo(f"    {safe_text(hide_secret(line, secret))[:LONGEST_LINE]}")


def _headers(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {HIDDEN if name.lower() in HIDDEN_HEADERS else value}" for name, value in headers.items()]
