"""The demo's pages: a fictional mailbox and telephones as their owners would see them, and the voters; also as JSON.

Registered by `retrouve demo` only. The mail shown is as foreign here as in any mail program: it stands in a frame
that runs nothing and loads nothing; its links open in the whole window.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from http import HTTPStatus
from itertools import islice
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, abort, g, jsonify, redirect, request
from jinja2 import Environment
from werkzeug.wrappers import Response as BaseResponse

from core.app.services import Services
from core.text.faces import demo_page_texts as words
from core.text.text import Language, Moment, Text, TimeOfDay
from core.text.translation import translated_module_sentences
from demo.agents import demo_agents_with_current_codes
from demo.mailbox_server_and_reader import DemoMailFile, ReceivedMail
from demo.read_demo_voters import read_demo_voters
from demo.telephone.sms_store import BARRED, SWITCHED_OFF, DemoSmsStore, SmsStatus
from templates import jinja_environment
from webhook.demo_telephone import (
    LONGEST_ANSWER,
    Local,
    demo_phone_screen,
    demo_phones,
    phone_as_e164,
    said,
    sms_for_outside_check,
)
from webhook.page_frame_rendering import asset_url

LISTED_MAILS = 30
SHOWN_VOTERS = 10
JSON_MAILS = 50
MOST_JSON_MAILS = 1000
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
    local: Local
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
        telephones=DemoSmsStore(settings.demo_telephones, services.clock),
        voters=partial(read_demo_voters, services),
        agents=partial(demo_agents_with_current_codes, services),
        language=lambda: g.visit.language,
        local=services.calendar.to_local,
        codes=services.policy.phone_codes,
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
    language, telephones = context.language(), demo_phones(context.telephones)
    chosen = request.args.get("phone") or next((each.number for each in telephones), None)
    return (
        _environment()
        .get_template("page.html")
        .render(
            language=language,
            words=translated_module_sentences(language, words),
            mails_of=None if to is None else said(words.MAILS_OF.fill({"address": to}), language),
            how_to_fail=said(words.HOW_TO_FAIL.fill({"switched_off": SWITCHED_OFF, "barred": BARRED}), language),
            mails=mails,
            opened=opened,
            to=to,
            handsets=telephones,
            screen=None if chosen is None else demo_phone_screen(context.telephones, chosen, language, context.local),
            longest=LONGEST_ANSWER,
            voters=list(islice(context.voters(), SHOWN_VOTERS)),
            agents=list(context.agents()),
            frame=FRAME,
            clock=lambda mail: said(Text("{at}", None, {"at": TimeOfDay(mail.at)}), language),
            moment=lambda mail: said(Text("{at}", None, {"at": Moment(mail.at)}), language),
        )
    )


def _messages(context: DemoPagesData, to: str | None, limit: int) -> list[dict[str, object]]:
    """Mails and SMS together, the newest first."""
    number = None if to is None else phone_as_e164(to, context.codes)
    mails = [(mail.at, _as_json(mail)) for mail in context.mailbox.messages(to, limit)]
    texts = [
        (text.at, sms_for_outside_check(text, context.local))
        for text in context.telephones.messages(number, limit)
        if text.status is not SmsStatus.REPLY
    ]
    newest = sorted([*mails, *texts], key=lambda each: each[0], reverse=True)
    return [message for _, message in newest[:limit]]


def _as_json(mail: ReceivedMail) -> dict[str, object]:
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
