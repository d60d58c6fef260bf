"""For those who watch the machines: alive, and ready or which part is not."""

from http import HTTPStatus

from flask import Blueprint
from flask.typing import ResponseReturnValue

from core.bootstrap import House


def probes(house: House) -> Blueprint:
    """`/healthz` and `/readyz`; they answer on any host name, as a load balancer asks by address."""
    blueprint = Blueprint("probes", __name__)

    @blueprint.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """Alive."""
        return {"alive": True}

    @blueprint.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Ready, part by part."""
        parts = house.readiness()
        ready = all(state == "ready" for state in parts.values())
        return {"ready": ready, "parts": parts}, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE

    return blueprint
