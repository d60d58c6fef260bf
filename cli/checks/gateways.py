"""Each SMS gateway: does it answer, does it take our account? No SMS is sent: what is asked names nobody to send it to."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from cli.checks import Check, attention, fault, ok
from core.adapters.kannel import UNAUTHORISED
from core.settings import GatewaySection, Settings
from core.words import doctor as words

LONGEST_WAIT_SECONDS = 5
NOBODY_TO_SEND_IT_TO = 400


def check_gateways(settings: Settings) -> Iterator[Check]:
    """What the courier would meet there, and whether voters may answer."""
    if not settings.sms.gateways:
        yield attention(words.GATEWAYS, words.NO_GATEWAY, words.SET_GATEWAY)
        return
    for gateway in settings.sms.gateways:
        yield check_gateway(gateway)
    if settings.sms.inbound_secret is None:
        yield attention(words.ANSWERS, words.NO_INBOUND_SECRET, words.SET_INBOUND_SECRET)


def check_gateway(gateway: GatewaySection) -> Check:
    """One of them."""
    subject = words.GATEWAY.fill({"gateway": urlsplit(gateway.url).netloc})
    try:
        status, said = _asked(gateway)
    except (OSError, http.client.HTTPException) as failure:
        detail = str(failure).partition("\n")[0] or type(failure).__name__
        return fault(subject, words.GATEWAY_UNREACHABLE.fill({"detail": detail}), words.CHECK_GATEWAY)
    if status == NOBODY_TO_SEND_IT_TO:
        return ok(subject, words.GATEWAY_FINE)
    if said.startswith(UNAUTHORISED):
        return fault(subject, words.GATEWAY_REFUSES, words.CHECK_GATEWAY_ACCOUNT)
    return fault(subject, words.GATEWAY_ODD.fill({"detail": f"{status} {said}"}), words.CHECK_GATEWAY)


def _asked(gateway: GatewaySection) -> tuple[int, str]:
    place = urlsplit(gateway.url)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    with closing(kind(place.hostname or "", place.port, timeout=LONGEST_WAIT_SECONDS)) as line:
        password = "" if gateway.password is None else gateway.password.get_secret_value()
        identity = {"X-Kannel-Username": gateway.username, "X-Kannel-Password": password}
        line.request(
            "POST", place.path, b"", {"Content-Type": "text/plain", "X-Kannel-From": gateway.sender, **identity}
        )
        response = line.getresponse()
        return response.status, response.read().decode(errors="replace").partition("\n")[0]
