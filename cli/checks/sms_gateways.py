"""Check that each SMS gateway answers and accepts our account. No SMS is sent: the request names no recipient."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from cli.checks import DoctorCheckResult, failure_detail, fault, passed, warning
from core.adapters.http_connections import http_connection
from core.adapters.kannel_sms_transport import UNAUTHORISED
from core.app import doctor_sentences as words
from core.app.settings import GatewaySection, Settings

LONGEST_WAIT_SECONDS = 5
NOBODY_TO_SEND_IT_TO = 400


def check_gateways(settings: Settings) -> Iterator[DoctorCheckResult]:
    """Check every gateway, and whether voters may answer by SMS."""
    if not settings.sms.gateways:
        yield warning(words.GATEWAYS, words.NO_GATEWAY, words.SET_GATEWAY)
        return
    for gateway in settings.sms.gateways:
        yield check_gateway(gateway)
    if settings.sms.inbound_secret is None:
        yield warning(words.ANSWERS, words.NO_INBOUND_SECRET, words.SET_INBOUND_SECRET)


def check_gateway(gateway: GatewaySection) -> DoctorCheckResult:
    """Check one gateway."""
    subject = words.GATEWAY.fill({"gateway": urlsplit(gateway.url).netloc})
    try:
        status, said = _asked(gateway)
    except (OSError, http.client.HTTPException) as failure:
        return fault(subject, words.GATEWAY_UNREACHABLE.fill(failure_detail(failure)), words.CHECK_GATEWAY)
    if status == NOBODY_TO_SEND_IT_TO:
        return passed(subject, words.GATEWAY_FINE)
    if said.startswith(UNAUTHORISED):
        return fault(subject, words.GATEWAY_REFUSES, words.CHECK_GATEWAY_ACCOUNT)
    return fault(subject, words.GATEWAY_ODD.fill({"detail": f"{status} {said}"}), words.CHECK_GATEWAY)


def _asked(gateway: GatewaySection) -> tuple[int, str]:
    place = urlsplit(gateway.url)
    with closing(http_connection(place, LONGEST_WAIT_SECONDS)) as line:
        identity = {"X-Kannel-Username": gateway.username, "X-Kannel-Password": gateway.connection_settings["password"]}
        line.request(
            "POST", place.path, b"", {"Content-Type": "text/plain", "X-Kannel-From": gateway.sender, **identity}
        )
        response = line.getresponse()
        return response.status, response.read().decode(errors="replace").partition("\n")[0]
