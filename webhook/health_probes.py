"""Health checks for monitoring and load balancers."""

from http import HTTPStatus

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core.app.services import Services
from core.security.doctor_request_header import HEADER, SEEN, is_from_doctor
from webhook.error_pages import RETRY_SECONDS
from webhook.request_origin import FORWARDED, from_declared_proxy, network_of


def health_probe_blueprint(services: Services) -> Blueprint:
    """Serve `/healthz` and `/readyz` under any host name, because load balancers send an IP address."""
    blueprint = Blueprint("probes", __name__)

    @blueprint.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """Report that the process is alive. Also tell `retrouve doctor` how its request reached the site."""
        if not is_from_doctor(
            services.dependencies.vault, request.headers.get(HEADER), services.dependencies.clock.now()
        ):
            return {"alive": True}
        proxies = services.settings.web.trusted_proxies
        seen = {
            "network": network_of(request, proxies),
            "forwarded": not FORWARDED.isdisjoint(request.environ),
            "declared": from_declared_proxy(request, proxies),
        }
        return {"alive": True, SEEN: seen}

    @blueprint.get("/readyz")
    def readyz() -> ResponseReturnValue:
        report = services.readiness.report()
        body = {"ready": report.ready, "parts": report.parts, "notes": report.notes}
        if report.ready:
            return body
        return body, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_SECONDS)}

    return blueprint
