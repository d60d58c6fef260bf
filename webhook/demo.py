"""The demo's pages: a fictional mailbox as its owner would see it, the fictional voters, and both as JSON.

Registered by `retrouve demo` only. The mail shown is as foreign here as in any mail program: it stands in a frame
that runs nothing and loads nothing; its links open in the whole window.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice

from flask import Blueprint, Response, abort, jsonify, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from core.adapters.mailbox import Mailbox, Received
from core.i18n import say, typeset
from core.text import Language, Moment, Text, TimeOfDay
from core.words import demo_page as words
from webhook.drawing import asset

LISTED_MAILS = 30
SHOWN_VOTERS = 10
JSON_MAILS = 50
MOST_JSON_MAILS = 1000
FRAME = "allow-top-navigation-by-user-activation allow-popups"
"""What a mail in its frame may do: open a link that somebody chose."""
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {FRAME}"
)
"""A mail brings its styles along, on its elements."""
IN_THE_WHOLE_WINDOW = '<base target="_top">'
People = Callable[[], Iterable[Mapping[str, str]]]


def demo_pages(mailbox: Mailbox, people: People, players: People, language: Callable[[], Language]) -> Blueprint:
    """The pages, reading that mailbox, those voters, those agents and the reader's language at each request."""
    pages = Blueprint("demo", __name__)

    @pages.get("/demo")
    def demo() -> Response:
        to = request.args.get("to") or None
        mails = mailbox.messages(to, LISTED_MAILS)
        chosen = request.args.get("mail", type=int)
        opened = next(iter(mails), None) if chosen is None else mailbox.message(chosen) or abort(404)
        voters = list(islice(people(), SHOWN_VOTERS))
        page = _draw(mails, opened, to, voters=voters, agents=list(players()), language=language())
        return _guarded(page, PAGE_POLICY)

    @pages.get("/demo/mail/<int:number>.html")
    def mail_as_sent(number: int) -> Response:
        mail = mailbox.message(number) or abort(404)
        response = _guarded(_opening_outside(mail.html), MAIL_POLICY)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"  # the site's own answer is DENY
        return response

    @pages.get("/demo/messages.json")
    def messages() -> Response:
        limit = request.args.get("limit", JSON_MAILS, type=int)
        found = mailbox.messages(request.args.get("to") or None, max(1, min(limit, MOST_JSON_MAILS)))
        return _fresh(jsonify([_as_json(mail) for mail in found]))

    @pages.get("/demo/voters.json")
    def voters() -> Response:
        return _fresh(Response(_as_array(people()), mimetype="application/json"))

    @pages.get("/demo/agents.json")
    def agents() -> Response:
        return _fresh(Response(_as_array(players()), mimetype="application/json"))

    return pages


def _draw(
    mails: list[Received],
    opened: Received | None,
    to: str | None,
    *,
    voters: list[Mapping[str, str]],
    agents: list[Mapping[str, str]],
    language: Language,
) -> str:
    return (
        _environment()
        .get_template("page.html")
        .render(
            language=language,
            words=_words(language),
            mails_of=None if to is None else _said(words.MAILS_OF.fill({"address": to}), language),
            mails=mails,
            opened=opened,
            to=to,
            voters=voters,
            agents=agents,
            frame=FRAME,
            clock=lambda mail: _said(Text("{at}", None, {"at": TimeOfDay(mail.at)}), language),
            moment=lambda mail: _said(Text("{at}", None, {"at": Moment(mail.at)}), language),
        )
    )


def _as_json(mail: Received) -> dict[str, object]:
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
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return _fresh(response)


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _as_array(people: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """A million voters, one at a time."""
    separator = "["
    for person in people:
        yield separator + json.dumps(dict(person), ensure_ascii=False)
        separator = ",\n"
    yield "]" if separator != "[" else "[]"


def _said(text: Text, language: Language) -> str:
    return typeset(say(text, language), language)


@lru_cache
def _words(language: Language) -> Mapping[str, str]:
    """The words without values, by the name the template knows them under."""
    texts = {name.lower(): text for name, text in vars(words).items() if isinstance(text, Text)}
    return {name: _said(text, language) for name, text in texts.items() if "{" not in text.msgid}


@lru_cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("templates", "demo"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = asset
    return made
