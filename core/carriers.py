"""What carries the mails and SMS of an election, as its settings name it: its relays and its SMS gateways, each in order."""

import ssl
from functools import partial

from core.adapters.kannel import Gateway, KannelGateways
from core.adapters.smtp import Relay, SmtpCarrier, Tls
from core.courier.hands import Hands
from core.places import sms_report_address
from core.ports import Clock, Envelope, Sms, Vault
from core.service.deliveries import report_tag
from core.settings import Settings


def mails_of(settings: Settings) -> Hands[Envelope]:
    """Who carries its mails."""
    another = partial(_carrier, settings, ssl.create_default_context())  # read once: it takes 10 ms and a megabyte
    return Hands(another(), another, most=settings.mail.connections)


def texts_of(settings: Settings, vault: Vault, clock: Clock) -> Hands[Sms]:
    """Who carries its SMS."""
    another = partial(_gateways, settings, vault, clock)
    return Hands(another(), another, most=settings.sms.connections)


def _carrier(settings: Settings, trust: ssl.SSLContext) -> SmtpCarrier:
    relays = [
        Relay(
            host=relay.host,
            port=relay.port,
            tls=Tls(relay.tls),
            username=relay.username,
            password=None if relay.password is None else relay.password.get_secret_value(),
            timeout_seconds=relay.timeout_seconds,
        )
        for relay in settings.mail.relays
    ]
    return SmtpCarrier(relays, hello=settings.mail.bounce_domain, trust=trust)


def _gateways(settings: Settings, vault: Vault, clock: Clock) -> KannelGateways:
    def report_to(message_id: str) -> str:
        return sms_report_address(settings.sms.callbacks or "", message_id, report_tag(vault, message_id))

    gateways = [
        Gateway(
            url=gateway.url,
            username=gateway.username,
            password="" if gateway.password is None else gateway.password.get_secret_value(),
            sender=gateway.sender,
            timeout_seconds=gateway.timeout_seconds,
        )
        for gateway in settings.sms.gateways
    ]
    return KannelGateways(gateways, report_to, clock.now)
