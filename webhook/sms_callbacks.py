"""Receives delivery reports and voters' text messages from SMS gateways."""

import logging
from collections.abc import Mapping
from hmac import compare_digest
from http import HTTPStatus

from flask import Blueprint, Response, request
from pydantic import SecretStr

from core.adapters.sms_reports import KannelReading, ReceivedReport, ReportReading
from core.app.services import Services
from core.app.settings import DeclaredGatewaySection
from core.delivery.sms_gateway_callbacks import GatewayCallbackOutcome
from core.ports import IncomingSmsOutcome
from core.text.urls import PROVIDER_REPORT_PATH, SMS_ANSWER_PATH, SMS_REPORT_PATH
from webhook.request_origin import comes_directly_from

NAME = "sms"
METHODS = ("GET", "POST")
STATUS: Mapping[GatewayCallbackOutcome | IncomingSmsOutcome, HTTPStatus] = {
    GatewayCallbackOutcome.FORGED: HTTPStatus.FORBIDDEN,
    GatewayCallbackOutcome.UNKNOWN: HTTPStatus.NOT_FOUND,
}
"""Maps the outcome of a callback to an HTTP status. All other outcomes get 202."""
LONGEST_ID = 100
UNREADABLE = "unreadable"

log = logging.getLogger("retrouve")


def sms_callback_blueprint(services: Services) -> Blueprint:
    blueprint = Blueprint(NAME, __name__)
    declared = {
        gateway.name: gateway
        for gateway in services.settings.sms.gateways
        if isinstance(gateway, DeclaredGatewaySection)
    }

    @blueprint.before_request
    def admitted() -> Response | None:
        """Refuse requests from unknown networks, except reports from SMS providers.

        Refuse HEAD too, because GET changes data here.
        """
        if request.method not in METHODS:
            return _empty_response(HTTPStatus.METHOD_NOT_ALLOWED)
        is_public = request.endpoint == f"{NAME}.{provider_report.__name__}"
        if not is_public and not comes_directly_from(request, services.settings.sms.callback_networks):
            return _count_and_respond(services, "elsewhere", HTTPStatus.FORBIDDEN)
        return None

    @blueprint.route(f"{SMS_REPORT_PATH}<message_id>/<tag>", methods=METHODS)
    def report(message_id: str, tag: str) -> Response:
        return _take_report(services, KannelReading(), _received(""), message_id=message_id, tag=tag)

    @blueprint.route(f"{PROVIDER_REPORT_PATH}<gateway>/<message_id>/<tag>", methods=METHODS)
    def provider_report(gateway: str, message_id: str, tag: str) -> Response:
        section = declared.get(gateway)
        reading = None if section is None else section.report_reading(message_id.partition(".")[0])
        if section is None or reading is None:
            return _count_and_respond(services, GatewayCallbackOutcome.UNKNOWN, HTTPStatus.NOT_FOUND)
        received = _received(section.callbacks or "")
        return _take_report(services, reading, received, message_id=message_id, tag=tag, gateway=gateway)

    @blueprint.route(SMS_ANSWER_PATH, methods=METHODS)
    def inbound() -> Response:
        if not _comes_with_secret(services.settings.sms.inbound_secret):
            return _count_and_respond(services, GatewayCallbackOutcome.FORGED, HTTPStatus.FORBIDDEN)
        gateway_id, phone = request.values.get("id", ""), request.values.get("from", "")
        if not 0 < len(gateway_id) <= LONGEST_ID or not phone:
            return _count_and_respond(services, UNREADABLE, HTTPStatus.BAD_REQUEST)
        outcome = services.sms_gateway_callback_handler.handle_voter_sms(
            gateway_id, phone, request.values.get("text", "")
        )
        return _count_and_respond(services, outcome, STATUS.get(outcome, HTTPStatus.ACCEPTED))

    return blueprint


def _received(site: str) -> ReceivedReport:
    return ReceivedReport(
        url=site + request.full_path.removesuffix("?"),
        headers=dict(request.headers.items()),
        body=request.get_data(),
        query=request.args,
        form=dict(request.form.lists()),
    )


def _take_report(
    services: Services,
    reading: KannelReading | ReportReading,
    received: ReceivedReport,
    *,
    message_id: str,
    tag: str,
    gateway: str = "",
) -> Response:
    handler = services.sms_gateway_callback_handler
    if handler.is_forged(message_id, tag, gateway) or not reading.is_signed(received):
        return _count_and_respond(services, GatewayCallbackOutcome.FORGED, HTTPStatus.FORBIDDEN)
    delivery = reading.status(received)
    if delivery is None:
        return _count_and_respond(services, UNREADABLE, HTTPStatus.BAD_REQUEST)
    outcome = handler.handle_delivery_report(message_id, tag, delivery, gateway)
    return _count_and_respond(services, outcome, STATUS.get(outcome, HTTPStatus.ACCEPTED))


def _comes_with_secret(secret: SecretStr | None) -> bool:
    """Return whether the request's password is `secret` (RFC 7617). False if `secret` is None."""
    given = request.authorization
    if secret is None or given is None or given.password is None:
        return False
    return compare_digest(given.password.encode(), secret.get_secret_value().encode())


def _count_and_respond(services: Services, outcome: str, status: HTTPStatus) -> Response:
    services.measures.count_callback(str(request.endpoint).removeprefix(f"{NAME}."), outcome)
    if status is not HTTPStatus.ACCEPTED:
        log.warning("callback-refused", extra={"what": request.endpoint, "reason": outcome})
    return _empty_response(status)


def _empty_response(status: HTTPStatus) -> Response:
    # Kannel's smsbox would send the text of a response to the voter.
    return Response(status=status, mimetype="text/plain")
