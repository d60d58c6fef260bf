"""The demo's pages: a fictional mailbox and telephones as their owners would see them, and the voters; also as JSON.

Registered by `retrouve demo` only. The mail shown is as foreign here as in any mail program: it stands in a frame
that runs nothing and loads nothing; its links open in the whole window.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from http import HTTPStatus
from itertools import islice
from urllib.parse import urlencode

import phonenumbers
from flask import Blueprint, Flask, Response, abort, g, jsonify, redirect, request
from jinja2 import Environment
from werkzeug.wrappers import Response as BaseResponse

from core.app.services import Services
from core.forms.flow_model import FieldRejected
from core.forms.phone_number_parser import parse_phone
from core.text.faces import demo_page_texts as words
from core.text.text import Language, Moment, Text, TimeOfDay
from core.text.translation import NO_BREAK_SPACE, translate, translated_module_sentences, with_no_break_spaces
from demo.agents import demo_agents_with_current_codes
from demo.mailbox_server_and_reader import DemoMailFile, ReceivedMail
from demo.read_demo_voters import read_demo_voters
from demo.telephone.sms_store import BARRED, SWITCHED_OFF, DemoSms, DemoSmsStore, SmsStatus
from templates import jinja_environment
from webhook.page_frame_rendering import asset_url

LISTED_MAILS = 30
LISTED_NUMBERS, SHOWN_TEXTS = 8, 12
SHOWN_VOTERS = 10
JSON_MAILS = 50
MOST_JSON_MAILS = 1000
LONGEST_ANSWER = 160
FATES: Mapping[SmsStatus, Text] = {
    SmsStatus.ACCEPTED: words.SMS_ACCEPTED,
    SmsStatus.BUFFERED: words.SMS_BUFFERED,
    SmsStatus.DELIVERED: words.SMS_DELIVERED,
    SmsStatus.UNDELIVERED: words.SMS_UNDELIVERED,
    SmsStatus.REJECTED: words.SMS_REJECTED,
    SmsStatus.REPLY: words.SMS_ANSWERED,
}
SIDES: Mapping[SmsStatus, str] = {SmsStatus.DELIVERED: "theirs", SmsStatus.REPLY: "mine"}
"""The style of an SMS that the telephone itself shows; the others are shown as being with the operator."""
FRAME = "allow-top-navigation-by-user-activation allow-popups"
"""Permissions of a framed mail: it may open a link that its reader chooses."""
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""The one form is a telephone's answer."""
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {FRAME}"
)
"""A mail brings its styles along, on its elements."""
IN_THE_WHOLE_WINDOW = '<base target="_top">'
People = Callable[[], Iterable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPagesData:
    """The data of the demo's pages, read anew at each request."""

    mailbox: DemoMailFile
    telephones: DemoSmsStore
    voters: People
    agents: People
    """The agents whom one may play."""
    language: Callable[[], Language]
    local: Callable[[datetime], datetime]
    """A moment on the election's clocks."""
    codes: tuple[int, ...]
    """The countries whose telephones get SMS."""


def register_demo_pages(app: Flask, services: Services) -> None:
    """Add the pages to the site of a demo whose mailbox and telephones are known."""
    settings = services.settings
    if settings.demo_mailbox is None or settings.demo_telephones is None:
        return
    context = DemoPagesData(
        mailbox=DemoMailFile(settings.demo_mailbox),
        telephones=DemoSmsStore(settings.demo_telephones, services.dependencies.clock),
        voters=partial(read_demo_voters, services),
        agents=partial(demo_agents_with_current_codes, services),
        language=lambda: g.visit.language,
        local=services.dependencies.calendar.to_local,
        codes=services.dependencies.policy.phone_codes,
    )
    app.register_blueprint(demo_pages_blueprint(context))


def demo_pages_blueprint(context: DemoPagesData) -> Blueprint:
    """The pages of that stage."""
    pages = Blueprint("demo", __name__)
    mailbox, telephones = context.mailbox, context.telephones

    @pages.get("/demo")
    def demo() -> Response:
        to = request.args.get("to") or None
        mails = mailbox.messages(to, LISTED_MAILS)
        chosen = request.args.get("mail", type=int)
        opened = next(iter(mails), None) if chosen is None else mailbox.message(chosen) or abort(404)
        return _guarded(_draw(context, mails, opened, to), PAGE_POLICY)

    @pages.post("/demo/telephone")
    def answer() -> BaseResponse:
        """Send what a telephone's owner writes back."""
        number, text = request.form.get("number", ""), request.form.get("text", "").strip()
        if number in telephones.numbers(MOST_JSON_MAILS) and 0 < len(text) <= LONGEST_ANSWER:
            telephones.reply(number, text)
        return redirect(f"/demo?{urlencode({'phone': number})}#phone", HTTPStatus.SEE_OTHER)

    @pages.get("/demo/mail/<int:number>.html")
    def mail_as_sent(number: int) -> Response:
        mail = mailbox.message(number) or abort(404)
        response = _guarded(_opening_outside(mail.html), MAIL_POLICY)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"  # the site's own answer is DENY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @pages.get("/demo/messages.json")
    def messages() -> Response:
        limit = max(1, min(request.args.get("limit", JSON_MAILS, type=int), MOST_JSON_MAILS))
        return _fresh(jsonify(_messages(context, request.args.get("to") or None, limit)))

    @pages.get("/demo/voters.json")
    def voters() -> Response:
        return _fresh(Response(_as_array(context.voters()), mimetype="application/json"))

    @pages.get("/demo/agents.json")
    def agents() -> Response:
        return _fresh(Response(_as_array(context.agents()), mimetype="application/json"))

    return pages


def _draw(context: DemoPagesData, mails: list[ReceivedMail], opened: ReceivedMail | None, to: str | None) -> str:
    language = context.language()

    def said(sentence: Text, **values: object) -> str:
        return with_no_break_spaces(translate(sentence.fill(values), language), language)

    numbers = context.telephones.numbers(LISTED_NUMBERS)
    phone = request.args.get("phone") or next(iter(numbers), None)
    texts = [] if phone is None else context.telephones.messages(phone, SHOWN_TEXTS)
    template = _environment().get_template("page.html")
    return template.render(
        language=language,
        words=translated_module_sentences(language, words),
        mails_of=None if to is None else said(words.MAILS_OF, address=to),
        how_to_fail=said(words.HOW_TO_FAIL, switched_off=SWITCHED_OFF, barred=BARRED),
        mails=mails,
        opened=opened,
        to=to,
        numbers=numbers,
        phone=phone,
        received_at=phone and said(words.RECEIVED_AT, number=_as_written(phone).replace(" ", NO_BREAK_SPACE)),
        bubbles=reversed(texts),
        as_written=_as_written,
        side=lambda sms: SIDES.get(sms.status, "away"),
        fate=lambda sms: said(FATES[sms.status]),
        local=context.local,
        longest=LONGEST_ANSWER,
        voters=list(islice(context.voters(), SHOWN_VOTERS)),
        agents=list(context.agents()),
        frame=FRAME,
        clock=lambda at: said(Text("{at}"), at=TimeOfDay(at)),
        moment=lambda at: said(Text("{at}"), at=Moment(at)),
    )


def _as_written(number: str) -> str:
    """A telephone's number as people write it."""
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _messages(context: DemoPagesData, to: str | None, limit: int) -> list[dict[str, object]]:
    """Mails and SMS together, the newest first; a number may be written in any way, and nobody has what is none."""
    number = to
    with suppress(FieldRejected):
        number = to and parse_phone(to, context.codes).e164
    mails = [(mail.at, _mail_as_json(mail)) for mail in context.mailbox.messages(to, limit)]
    texts = [
        (text.at, _sms_as_json(text, context.local(text.at)))
        for text in context.telephones.messages(number, limit)
        if text.status is not SmsStatus.REPLY
    ]
    newest = sorted([*mails, *texts], key=lambda each: each[0], reverse=True)
    return [message for _, message in newest[:limit]]


def _mail_as_json(mail: ReceivedMail) -> dict[str, object]:
    return {
        "id": str(mail.id),
        "channel": "mail",
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "at": mail.at.isoformat(),
        "status": "delivered",
    }


def _sms_as_json(sms: DemoSms, at: datetime) -> dict[str, object]:
    return {
        "id": f"sms-{sms.id}",
        "channel": "sms",
        "to": sms.number,
        "subject": "",
        "text": sms.text,
        "html": "",
        "at": at.isoformat(),
        "status": sms.status,
    }


def _opening_outside(html: str) -> str:
    """A link inside the frame would open inside it, where the site refuses to be shown."""
    head, found, rest = html.partition("<head>")
    return head + found + IN_THE_WHOLE_WINDOW + rest if found else IN_THE_WHOLE_WINDOW + html


def _guarded(html: str, policy: str) -> Response:
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    return _fresh(response)


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _as_array(voters: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """A million voters, one at a time."""
    separator = "["
    for person in voters:
        yield separator + json.dumps(dict(person), ensure_ascii=False)
        separator = ",\n"
    yield "]" if separator != "[" else "[]"


@lru_cache
def _environment() -> Environment:
    made = jinja_environment.environment("demo")
    made.globals["asset"] = asset_url
    return made
