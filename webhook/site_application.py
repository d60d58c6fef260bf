import logging
import time
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue

from core.adapters.logs import current_request, request_id
from core.app.services import Services
from core.app.settings.sections import InstitutionSection
from core.forms import errors
from core.text.text import Language
from webhook.error_pages import draw_refusal_page, register_error_pages
from webhook.flow_pages import MultilinePathConverter, pages, route_links
from webhook.health_probes import health_probe_blueprint
from webhook.incident_pages import FEED, incident_status_blueprint
from webhook.legal_pages import route_legal_pages
from webhook.page_frame_rendering import INSTITUTION_LOGO_PATH
from webhook.request_origin import (
    UndeclaredProxyWarning,
    host_name,
    is_from_our_own_page,
    may_peer_connect,
)
from webhook.security_headers import HEADERS, HSTS
from webhook.serve_help import help_blueprint
from webhook.sms_callbacks import NAME as CALLBACKS
from webhook.sms_callbacks import sms_callback_blueprint
from webhook.visit_cookie import LANGUAGES, VisitCookies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LARGEST_REQUEST = 16 * 1024
"""How large a request may be, in bytes."""
STATIC_SECONDS = 3600
YEAR_SECONDS = 365 * 24 * 3600
PROBE_PATHS = ("/healthz", "/readyz")
log = logging.getLogger("retrouve")


def create_site(services: Services) -> Flask:
    app = Flask("webhook", static_folder=str(files("templates") / "static"), static_url_path="/static")
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
    )
    app.register_blueprint(health_probe_blueprint(services))
    app.register_blueprint(sms_callback_blueprint(services))
    app.register_blueprint(incident_status_blueprint(services))
    app.register_blueprint(help_blueprint(services.settings.guides_folder))
    app.url_map.converters["whole"] = MultilinePathConverter
    app.register_blueprint(pages)
    route_links(app, services)
    route_legal_pages(app, services)
    _route_institution_logo(app, services.settings.institution)
    register_error_pages(app, services)
    scheme = urlsplit(services.dependencies.election.site).scheme
    for flow in services.flows:
        flow.on_site_start()
    _check_requests(app, services)
    _finish_responses(app, secure=scheme == "https")
    app.wsgi_app = _with_scheme(app.wsgi_app, scheme)  # type: ignore[method-assign, assignment]  # as documented by Flask
    return app


def _route_institution_logo(app: Flask, institution: InstitutionSection) -> None:

    def serve() -> Response:
        response = Response(institution.image, content_type=institution.logo_type)
        response.cache_control.public, response.cache_control.max_age = True, YEAR_SECONDS
        return response

    if institution.image:
        app.add_url_rule(INSTITUTION_LOGO_PATH, INSTITUTION_LOGO_PATH, serve)


def _with_scheme(application: "WSGIApplication", scheme: str) -> "WSGIApplication":
    """Set the URL scheme of every request, because the TLS proxy uses plain HTTP."""

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        environ["wsgi.url_scheme"] = scheme
        return application(environ, start_response)

    return serve


def _check_requests(app: Flask, services: Services) -> None:
    web, sms = services.settings.web, services.settings.sms
    cookies, proxies = VisitCookies(services), UndeclaredProxyWarning(web.trusted_proxies)

    @app.before_request
    def check() -> ResponseReturnValue | None:
        g.began = time.perf_counter()
        current_request.set(request_id(request.headers.get("X-Request-ID")))
        if not may_peer_connect(web.trusted_proxies, sms.callback_networks, request.remote_addr or ""):
            return "", HTTPStatus.FORBIDDEN
        g.services, g.cookies, g.visit = services, cookies, cookies.visit(request)
        proxies.check(request)
        if request.path in PROBE_PATHS or request.endpoint == "static" or request.blueprint == CALLBACKS:
            return None
        if host_name(request.host) not in web.allowed_hosts:
            return draw_refusal_page(services, errors.RequestUnreadable())
        if request.method in {"GET", "HEAD"}:
            return _language_chosen(cookies)
        # These refusals make no journal entry, so that an attacker cannot flood the journal.
        if not services.networks.admit(g.visit.network):
            return draw_refusal_page(services, errors.TooManyRequests())
        return None if is_from_our_own_page(request) else draw_refusal_page(services, errors.CrossSiteRequest())


def _language_chosen(cookies: VisitCookies) -> ResponseReturnValue | None:
    language = request.args.get("lang")
    if language not in LANGUAGES or request.endpoint == FEED:  # feed readers keep no cookies
        return None
    if not request.path.isprintable():  # a line break would end the header
        return None
    response = redirect(quote(request.path))
    cookies.keep_language(response, Language(language))
    return response


def _finish_responses(app: Flask, *, secure: bool) -> None:
    """Add security headers and log requests. Never log URLs, which may contain tokens."""
    headers = {**HEADERS, **HSTS} if secure else HEADERS

    @app.after_request
    def finish(response: Response) -> Response:
        present = {name.lower() for name, _ in response.headers}
        response.headers.extend((name, value) for name, value in headers.items() if name.lower() not in present)
        log.info(
            "request",
            extra={
                "method": request.method,
                "route": str(request.url_rule),
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.began) * 1000, 1),
            },
        )
        return response
