"""The addresses at which monitoring asks whether the site is alive and ready."""

from http import HTTPStatus

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core.app.services import Services
from core.security.doctor_request_header import HEADER, SEEN, is_from_doctor
from webhook.error_pages import RETRY_SECONDS
from webhook.request_origin import from_declared_proxy, is_forwarded_by_proxy, network_of


def health_probe_blueprint(services: Services) -> Blueprint:
    """Serve `/healthz` and `/readyz` on any host name, since a load balancer asks by address."""
    blueprint = Blueprint("probes", __name__)

    @blueprint.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """Say that the process is alive; to `retrouve doctor`, also where it sees the request come from."""
        if not is_from_doctor(
            services.dependencies.vault, request.headers.get(HEADER), services.dependencies.clock.now()
        ):
            return {"alive": True}
        proxies = services.settings.web.trusted_proxies
        seen = {
            "network": network_of(request, proxies),
            "forwarded": is_forwarded_by_proxy(request),
            "declared": from_declared_proxy(request, proxies),
        }
        return {"alive": True, SEEN: seen}

    @blueprint.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Say which parts are ready, and of others in one word and sentence why they are not."""
        found = services.readiness.report()
        body = {"ready": found.ready, "parts": found.parts, "notes": found.notes}
        if found.ready:
            return body
        return body, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_SECONDS)}

    return blueprint
