"""Serves the demo's page and its JSON files."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import phonenumbers
from flask import Blueprint, Flask, Response, abort, g, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from core.app.services import Services
from core.forms.flow_model import FieldRejected
from core.forms.phone_number_parser import parse_phone
from core.text.faces import demo_page_texts as words
from core.text.text import Moment, Text, TimeOfDay
from core.text.translation import NO_BREAK_SPACE, translate, translated_module_sentences, with_no_break_spaces
from demo import agents
from demo.folder import MAILBOX_FILE, TELEPHONE_FILE, read_voters
from demo.mailbox import DemoMailFile, ReceivedMail
from demo.telephones import BARRED, CALL, SWITCHED_OFF, DemoSms, DemoSmsStore, SmsStatus
from webhook.site_application import create_site

LISTED_MAILS = 30
LISTED_NUMBERS, SHOWN_TEXTS = 8, 12
SHOWN_VOTERS = 10
JSON_MAILS = 50
MOST_JSON_MAILS = 1000
LONGEST_ANSWER = 160
STATUS_SENTENCES: Mapping[SmsStatus, Text] = {
    SmsStatus.ACCEPTED: words.SMS_ACCEPTED,
    SmsStatus.BUFFERED: words.SMS_BUFFERED,
    SmsStatus.DELIVERED: words.SMS_DELIVERED,
    SmsStatus.UNDELIVERED: words.SMS_UNDELIVERED,
    SmsStatus.REJECTED: words.SMS_REJECTED,
    SmsStatus.BUSY: words.CALL_BUSY,
    SmsStatus.NO_ANSWER: words.CALL_UNANSWERED,
    SmsStatus.REPLY: words.SMS_ANSWERED,
}
CALL_SENTENCES: Mapping[SmsStatus, Text] = {
    SmsStatus.ACCEPTED: words.CALL_RINGS,
    SmsStatus.DELIVERED: words.CALL_ANSWERED,
}
SPEECH_BUBBLE_SIDES: Mapping[SmsStatus, str] = {SmsStatus.DELIVERED: "theirs", SmsStatus.REPLY: "mine"}
"""Maps the status of an SMS to a CSS class. All other statuses get the class `away`."""
FRAME = "allow-top-navigation-by-user-activation allow-popups"
"""Sandbox permissions of the frame that shows an email. Links open only on a click."""
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Content Security Policy of the demo's page. The policy allows forms."""
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {FRAME}"
)
"""Content Security Policy for emails. The policy allows inline styles."""
IN_THE_WHOLE_WINDOW = '<base target="_top">'


def create_demo_site(services: Services) -> Flask:
    site = create_site(services)
    assert services.folder is not None  # noqa: S101  # a demo is always opened in its folder
    site.register_blueprint(demo_pages(services, services.folder))
    return site


def demo_pages(services: Services, folder: Path) -> Blueprint:
    pages = Blueprint(
        "demo", __name__, template_folder="templates", static_folder="static", static_url_path="/demo/static"
    )
    mailbox = DemoMailFile(folder / MAILBOX_FILE)
    telephones = DemoSmsStore(folder / TELEPHONE_FILE, services.dependencies.clock)
    local = services.dependencies.calendar.to_local

    @pages.get("/demo")
    def demo() -> Response:
        to = request.args.get("to") or None
        mails = mailbox.messages(to, LISTED_MAILS)
        chosen = request.args.get("mail", type=int)
        opened = next(iter(mails), None) if chosen is None else mailbox.message(chosen) or abort(404)
        language = g.visit.language

        def said(sentence: Text, **values: object) -> str:
            return with_no_break_spaces(translate(sentence.fill(values), language), language)

        numbers = telephones.numbers(LISTED_NUMBERS)
        phone = request.args.get("phone") or next(iter(numbers), None)
        texts = [] if phone is None else telephones.messages(phone, SHOWN_TEXTS)
        html = render_template(
            "demo/page.html",
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
            side=lambda sms: SPEECH_BUBBLE_SIDES.get(sms.status, "away"),
            fate=lambda sms: said(_fate(sms)),
            local=local,
            longest=LONGEST_ANSWER,
            voters=list(read_voters(folder, SHOWN_VOTERS)),
            agents=agents_with_current_codes(),
            frame=FRAME,
            clock=lambda at: said(Text("{at}"), at=TimeOfDay(at)),
            moment=lambda at: said(Text("{at}"), at=Moment(at)),
        )
        return _guarded(html, PAGE_POLICY)

    @pages.post("/demo/telephone")
    def answer() -> BaseResponse:
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
        to = number = request.args.get("to") or None
        with suppress(FieldRejected):  # a telephone number may be written in any way
            number = to and parse_phone(to, services.dependencies.policy.phone_codes).e164
        mails = [(mail.at, _mail_as_json(mail)) for mail in mailbox.messages(to, limit)]
        texts = [
            (text.at, _sms_as_json(text, local(text.at)))
            for text in telephones.messages(number, limit)
            if text.status is not SmsStatus.REPLY
        ]
        newest = sorted([*mails, *texts], key=lambda each: each[0], reverse=True)
        return _fresh(jsonify([message for _, message in newest[:limit]]))

    @pages.get("/demo/voters.json")
    def voters_json() -> Response:
        return _fresh(Response(_as_array(read_voters(folder)), mimetype="application/json"))

    @pages.get("/demo/agents.json")
    def agents_json() -> Response:
        return _fresh(jsonify(agents_with_current_codes()))

    pages.add_url_rule("/demo/desk.json", "desk_json", partial(_desk_json, services))

    def agents_with_current_codes() -> list[dict[str, str]]:
        now = services.dependencies.clock.now()
        return [
            {"name": each.name, "role": each.role.value, "password": each.password, "code": each.totp_code(now)}
            for each in agents.read(folder)
        ]

    return pages


def _fate(sms: DemoSms) -> Text:
    if sms.channel == CALL and sms.status in CALL_SENTENCES:
        return CALL_SENTENCES[sms.status]
    return STATUS_SENTENCES[sms.status]


def _as_written(number: str) -> str:
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _desk_json(services: Services) -> Response:
    """Return a voter's open helpdesk requests as JSON."""
    with services.dependencies.store.read() as transaction:
        voter = transaction.voters.by_address(request.args.get("to", ""))
        waiting = [] if voter is None else transaction.call_backs.waiting_for(voter.id)
    requests = [
        {"subject": each.reason, "way": each.way, "until": each.until and each.until.isoformat()} for each in waiting
    ]
    return _fresh(jsonify(requests))


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
        "channel": sms.channel,
        "to": sms.number,
        "subject": "",
        "text": sms.text,
        "html": "",
        "at": at.isoformat(),
        "status": sms.status,
    }


def _opening_outside(html: str) -> str:
    """Change an email's HTML so that links open in the whole window, not in the frame."""
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
    """Yield a JSON array of voters, one voter at a time."""
    separator = "["
    for person in voters:
        yield separator + json.dumps(dict(person), ensure_ascii=False)
        separator = ",\n"
    yield "]" if separator != "[" else "[]"
