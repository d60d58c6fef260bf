"""The voters' site as a WSGI application."""

import time
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import structlog
from flask import Flask, Request, Response, g, redirect, request
from flask.typing import ResponseReturnValue

from core import errors
from core.adapters.mailbox import Mailbox
from core.adapters.telephone.store import Telephones
from core.bootstrap import House
from core.service.visit import Visit
from core.text import Language
from webhook.demo import Stage, demo_pages
from webhook.hardening import Hardened
from webhook.help import help_pages
from webhook.origin import from_our_own_page, host_allowed
from webhook.pages import Whole, pages
from webhook.pieces import InOnePiece
from webhook.probes import probes
from webhook.refusals import handle, refuse
from webhook.session import Cookies
from webhook.sms import NAME as CALLBACKS
from webhook.sms import callbacks

LARGEST_REQUEST = 16 * 1024
"""Bytes: a form of this site is a hundredth of that."""
STATIC_SECONDS = 3600
PROBE_PATHS = ("/healthz", "/readyz")
log = structlog.get_logger()


class Bounded(Request):
    """A request no larger than ours are. Flask would look the bounds up in its configuration at each use."""

    max_content_length = LARGEST_REQUEST
    max_form_memory_size = LARGEST_REQUEST


class Site(Flask):
    """Flask, which need not look at every function before it calls it: none of ours is a coroutine."""

    request_class = Bounded

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func


def create_app(house: House) -> Flask:
    """The site of that house."""
    app = Site("webhook", static_folder=str(files("templates") / "static"), static_url_path="/static")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_SECONDS
    app.extensions["retrouve"] = house
    app.register_blueprint(probes(house))
    app.register_blueprint(callbacks(house))
    if (stage := _stage(house)) is not None:
        app.register_blueprint(demo_pages(stage))
    app.register_blueprint(help_pages(house.settings.guides_folder))
    app.url_map.converters["whole"] = Whole
    app.register_blueprint(pages)
    handle(app, house)
    _guard(app, house)
    _log_requests(app)
    app.wsgi_app = Hardened(InOnePiece(app.wsgi_app), secure=house.election.site.startswith("https:"))  # type: ignore[method-assign]  # Flask's documented place for it
    return app


def _stage(house: House) -> Stage | None:
    """What a demo shows; a real election has none."""
    settings = house.settings
    if not settings.demo or settings.demo_mailbox is None or settings.demo_telephones is None:
        return None
    return Stage(
        mailbox=Mailbox(settings.demo_mailbox),
        telephones=Telephones(settings.demo_telephones, house.clock),
        people=house.people,
        players=house.players,
        language=lambda: g.visit.language,
        local=house.calendar.local,
        codes=house.policy.phone_codes,
    )


def _guard(app: Flask, house: House) -> None:
    """What every request passes before a view sees it."""
    cookies = Cookies(house)

    @app.before_request
    def begin() -> ResponseReturnValue | None:
        asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's way to the request itself: its stand-in looks it up at each use
        g.began, g.cookies = time.perf_counter(), cookies
        g.visit = visit = cookies.visit(asked)
        if asked.path in PROBE_PATHS or asked.endpoint == "static" or asked.blueprint == CALLBACKS:
            return None
        if not host_allowed(asked, house.settings.web.allowed_hosts):
            return refuse(house, errors.Unreadable())
        return _language_chosen(cookies) if asked.method in {"GET", "HEAD"} else _admitted(house, asked, visit)


def _language_chosen(cookies: Cookies) -> ResponseReturnValue | None:
    wanted = request.args.get("lang")
    if wanted not in set(Language):
        return None
    response = redirect(request.path)
    cookies.keep_language(response, Language(wanted))  # type: ignore[arg-type]  # werkzeug's response is Flask's here
    return response


def _admitted(house: House, asked: Request, visit: Visit) -> ResponseReturnValue | None:
    """A full bucket is counted and leaves no event: a line for each request it turns away would be the flood itself."""
    if not house.networks.admit(visit.network):
        return refuse(house, errors.TooManyRequests())
    if not from_our_own_page(asked):
        house.reception.turned_away(errors.CameFromElsewhere())
        return refuse(house, errors.CameFromElsewhere())
    return None


def _log_requests(app: Flask) -> None:
    """The one line that every response leaves in the log: its route, never its address."""

    @app.after_request
    def finish(response: Response) -> Response:
        log.info(
            "request",
            method=request.method,
            route=str(request.url_rule),
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
        )
        return response
