"""The voters' site as a WSGI application."""

import time
from collections.abc import Callable, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import structlog
from flask import Flask, Request, Response, g, redirect
from flask.ctx import RequestContext
from flask.sessions import NullSession, SessionInterface
from flask.typing import ResponseReturnValue
from werkzeug.routing import MapAdapter, Rule

from core.app.services import Services
from core.flows.flow_handler import Visit
from core.forms import errors
from core.text.text import Language
from webhook.error_pages import draw_refusal_page, register_error_pages
from webhook.flow_pages import MultilinePathConverter, build_step_routes, pages, route_links
from webhook.health_probes import health_probe_blueprint
from webhook.legal_and_incident_pages import FEED, incident_status_blueprint, route_legal_pages
from webhook.request_origin import (
    UndeclaredProxyWarning,
    current_request,
    is_from_our_own_page,
    is_host_allowed,
)
from webhook.security_headers import SecurityHeadersMiddleware
from webhook.serve_help import help_blueprint
from webhook.single_chunk_response import SingleChunkResponse
from webhook.sms_callbacks import NAME as CALLBACKS
from webhook.sms_callbacks import sms_callback_blueprint
from webhook.visit_cookie import VisitCookies

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LARGEST_REQUEST = 16 * 1024
"""Bytes of the largest request; a form of this site is a hundredth of that."""
STATIC_SECONDS = 3600
PROBE_PATHS = ("/healthz", "/readyz")
log = structlog.get_logger()


class SizeLimitedRequest(Request):
    """A request of limited size. Flask would look the limits up in its configuration at each use."""

    max_content_length = LARGEST_REQUEST
    max_form_memory_size = LARGEST_REQUEST
    max_form_parts = 1000


class RequestGlobals:
    """The values that Flask's `g` holds during one request."""

    began: float
    cookies: VisitCookies
    visit: Visit


class EmptySessionInterface(SessionInterface):
    """Gives every request the same empty session: the site keeps none in Flask's way."""

    empty = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002  # Flask's signature
        """Return the empty session."""
        return self.empty


class MinimalFlaskApp(Flask):
    """Flask without what it looks for at each request and this site has none of: coroutines, signals, sessions, teardowns.

    These take a sixth of the function calls of a page (measured).
    """

    request_class = SizeLimitedRequest
    response_class = SingleChunkResponse
    app_ctx_globals_class = RequestGlobals  # type: ignore[assignment]  # Flask's own class looks each name up
    session_interface = EmptySessionInterface()
    scheme = "https"
    step_routes: Mapping[tuple[str, str], tuple[Rule, Mapping[str, Any]]] = MappingProxyType({})
    """The rules and arguments of the steps' pages and forms, by method and path: matching one takes longer than to find it."""
    finish: Callable[[Response], Response]
    """Called with each response, in place of Flask's functions after a request, which this application ignores."""

    def request_context(self, environ: "WSGIEnvironment") -> RequestContext:
        """Take the scheme of the site's address: a proxy that ends TLS speaks http with us, and the browser does not."""
        environ["wsgi.url_scheme"] = self.scheme
        return super().request_context(environ)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Route by method and path alone; Flask decodes and compares the host too, a tenth of what routing costs."""
        if request is None:
            return None
        known = self.step_routes.get((request.method, request.environ["PATH_INFO"]))
        if known is not None:
            request.url_rule, request.view_args = known[0], dict(known[1])
            return None  # there is nothing left to match
        return MapAdapter(
            self.url_map,
            server_name=request.host,
            script_name="/",
            subdomain="",
            url_scheme=request.scheme,
            path_info=request.environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),  # as WSGI has it
            default_method=request.method,
            query_args=request.environ.get("QUERY_STRING"),
        )

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function unchanged."""
        return func

    def full_dispatch_request(self) -> Response:
        """Check a request, call its view, and return the response."""
        try:
            returned = self.preprocess_request()
            if returned is None:
                returned = self.dispatch_request()
        except Exception as error:  # noqa: BLE001  # as Flask does: each has its page
            returned = self.handle_user_exception(error)
        return self.process_response(self.make_response(returned))

    def process_response(self, response: Response) -> Response:
        """Log the response."""
        return self.finish(response)

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Do nothing: no function is called after a request."""

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """Do nothing, as above."""


def create_site(services: Services) -> Flask:
    """Make the site of an election."""
    app = MinimalFlaskApp("webhook", static_folder=str(files("templates") / "static"), static_url_path="/static")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_SECONDS
    app.extensions["retrouve"] = services
    app.scheme = urlsplit(services.dependencies.election.site).scheme
    app.register_blueprint(health_probe_blueprint(services))
    app.register_blueprint(sms_callback_blueprint(services))
    if services.settings.demo:
        from webhook.demo_pages import register_demo_pages  # noqa: PLC0415  # no real election loads the demo's mailbox

        register_demo_pages(app, services)
    app.register_blueprint(incident_status_blueprint(services))
    app.register_blueprint(help_blueprint(services.settings.guides_folder))
    app.url_map.converters["whole"] = MultilinePathConverter
    app.register_blueprint(pages)
    route_links(app, services)
    route_legal_pages(app, services)
    app.step_routes = build_step_routes(app, services.dispatcher)
    register_error_pages(app, services)
    _check_requests(app, services)
    _log_requests(app)
    if app.after_request_funcs or app.teardown_request_funcs or app.teardown_appcontext_funcs:
        raise TypeError("MinimalFlaskApp calls no function after a request")
    app.wsgi_app = SecurityHeadersMiddleware(app.wsgi_app, secure=app.scheme == "https")  # type: ignore[method-assign]  # Flask's documented place for it
    return app


def _check_requests(app: Flask, services: Services) -> None:
    """Check every request before a view gets it."""
    cookies, proxies = VisitCookies(services), UndeclaredProxyWarning(services.settings.web.trusted_proxies)

    @app.before_request
    def begin() -> ResponseReturnValue | None:
        asked = current_request()
        values: RequestGlobals = g._get_current_object()  # noqa: SLF001  # Flask's way to it: its stand-in looks it up at each use
        values.began, values.cookies = time.perf_counter(), cookies
        values.visit = visit = cookies.visit(asked)
        proxies.check(asked)
        if asked.path in PROBE_PATHS or asked.endpoint == "static" or asked.blueprint == CALLBACKS:
            return None
        if not is_host_allowed(asked, services.settings.web.allowed_hosts):
            return draw_refusal_page(services, errors.RequestUnreadable())
        if asked.method not in {"GET", "HEAD"}:
            return _admitted(services, asked, visit)
        return _language_chosen(cookies, asked) if asked.query_string else None


def _language_chosen(cookies: VisitCookies, asked: Request) -> ResponseReturnValue | None:
    wanted = asked.args.get("lang")
    if asked.endpoint == FEED:  # a feed reader keeps no cookie
        return None
    if wanted not in set(Language) or not asked.path.isprintable():  # a line break would end the header
        return None
    response = redirect(quote(asked.path))
    cookies.keep_language(response, Language(wanted))  # type: ignore[arg-type]  # werkzeug's response is Flask's here
    return response


def _admitted(services: Services, asked: Request, visit: Visit) -> ResponseReturnValue | None:
    """Refuse a request of a busy network or of a foreign page. Neither leaves an event: that would be a flood itself."""
    if not services.networks.admit(visit.network):
        return draw_refusal_page(services, errors.TooManyRequests())
    if not is_from_our_own_page(asked):
        return draw_refusal_page(services, errors.CrossSiteRequest())
    return None


def _log_requests(app: MinimalFlaskApp) -> None:
    """Log one line for every response, with its route and without its address."""

    def finish(response: Response) -> Response:
        asked = current_request()
        log.info(
            "request",
            method=asked.method,
            route=str(asked.url_rule),
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
        )
        return response

    app.finish = finish
