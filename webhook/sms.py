"""What SMS gateways tell the site: reports of operators, and what voters send. For machines: no page, no cookie, no form.

Reached by gateways only: from declared networks, directly and never through the proxy that voters come by. A report
carries in its address the tag of its SMS; an answer comes with the secret of the gateway. A refusal is counted, and says
nothing. Answers are empty: an smsbox would send their words back to the voter.
"""

from collections.abc import Mapping
from hmac import compare_digest
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, request
from pydantic import SecretStr

from core.adapters.kannel import delivery_of
from core.bootstrap import House
from core.places import SMS_ANSWER_PATH, SMS_REPORT_PATH
from core.ports import Reply
from core.service.deliveries import Heard
from webhook.origin import comes_directly_from

NAME = "sms"
METHODS = ("GET", "POST")
STATUS: Mapping[Heard | Reply, HTTPStatus] = {
    Heard.FORGED: HTTPStatus.FORBIDDEN,
    Heard.UNKNOWN: HTTPStatus.NOT_FOUND,
}
"""What was heard is taken, whatever it was worth: a gateway repeats what is not."""
LONGEST_ID = 100
UNREADABLE = "unreadable"

log = structlog.get_logger()


def callbacks(house: House) -> Blueprint:
    """The two addresses that gateways call."""
    blueprint = Blueprint(NAME, __name__)

    @blueprint.before_request
    def admitted() -> Response | None:
        """GET acts here, so HEAD must not reach it."""
        if request.method not in METHODS:
            return _said(HTTPStatus.METHOD_NOT_ALLOWED)
        if not comes_directly_from(request, house.settings.sms.callback_networks):
            return _counted(house, "elsewhere", HTTPStatus.FORBIDDEN)
        return None

    @blueprint.route(f"{SMS_REPORT_PATH}<message_id>/<tag>", methods=METHODS)
    def report(message_id: str, tag: str) -> Response:
        """What an operator says of one SMS."""
        delivery = delivery_of(request.values.get("status", ""))
        if delivery is None:
            return _counted(house, UNREADABLE, HTTPStatus.BAD_REQUEST)
        heard = house.deliveries.report(message_id, tag, delivery)
        return _counted(house, heard, STATUS.get(heard, HTTPStatus.ACCEPTED))

    @blueprint.route(SMS_ANSWER_PATH, methods=METHODS)
    def inbound() -> Response:
        """What a voter sends."""
        if not _knows(house.settings.sms.inbound_secret):
            return _counted(house, Heard.FORGED, HTTPStatus.FORBIDDEN)
        gateway_id, phone = request.values.get("id", ""), request.values.get("from", "")
        if not 0 < len(gateway_id) <= LONGEST_ID or not phone:
            return _counted(house, UNREADABLE, HTTPStatus.BAD_REQUEST)
        heard = house.deliveries.answer(gateway_id, phone, request.values.get("text", ""))
        return _counted(house, heard, STATUS.get(heard, HTTPStatus.ACCEPTED))

    return blueprint


def _knows(secret: SecretStr | None) -> bool:
    """Whether the request comes with it (RFC 7617); where none is set, nobody does."""
    given = request.authorization
    if secret is None or given is None or given.password is None:
        return False
    return compare_digest(given.password.encode(), secret.get_secret_value().encode())


def _counted(house: House, heard: str, status: HTTPStatus) -> Response:
    house.measures.called_back(str(request.endpoint).removeprefix(f"{NAME}."), heard)
    if status is not HTTPStatus.ACCEPTED:
        log.warning("callback-refused", what=request.endpoint, reason=heard)
    return _said(status)


def _said(status: HTTPStatus) -> Response:
    return Response(status=status, mimetype="text/plain")
