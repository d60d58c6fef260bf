"""Makes the connections to the mail relays and SMS gateways that the settings name, in their order."""

import ssl
from collections.abc import Callable, Mapping

from core.adapters.kannel_sms_transport import KannelConnection, KannelGateway
from core.adapters.provider_failover import FailoverTransport, ProviderConnection
from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTransport
from core.app.settings import Settings
from core.app.settings.sections import GatewayKind, GatewaySection
from core.delivery.sender_pool import SenderPool
from core.delivery.sms_gateway_callbacks import report_tag
from core.policy.urls import sms_report_url
from core.ports import Clock, ComposedMail, Sms, SmsTransport, Vault

ReportTo = Callable[[str], str]
"""The address to which a gateway reports about the SMS of that id."""


def mail_transport_of(settings: Settings) -> SenderPool[ComposedMail]:
    """Return the connections for mails."""
    trust = ssl.create_default_context()  # read once: it takes 10 ms and a megabyte

    def connect() -> SmtpTransport:
        relays = [SmtpRelay(**relay.connection_settings) for relay in settings.mail.relays]
        return SmtpTransport(relays, hello=settings.mail.bounce_domain, trust=trust)

    return SenderPool(connect(), connect, connections=settings.mail.connections)


def sms_transport_of(settings: Settings, vault: Vault, clock: Clock) -> SenderPool[Sms]:
    """The SMS gateways of these settings, as a pool."""

    def report_to(message_id: str) -> str:
        return sms_report_url(settings.sms.callbacks or "", message_id, report_tag(vault, message_id))

    def connect() -> SmsTransport:
        gateways = [GATEWAY_KINDS[each.kind](each, report_to, clock) for each in settings.sms.gateways]
        return FailoverTransport(gateways, "no gateway is set")

    return SenderPool(connect(), connect, connections=settings.sms.connections)


def _kannel(section: GatewaySection, report_to: ReportTo, clock: Clock) -> KannelConnection:
    return KannelConnection(KannelGateway(**section.connection_settings), report_to, clock.now)


GATEWAY_KINDS: Mapping[GatewayKind, Callable[[GatewaySection, ReportTo, Clock], ProviderConnection[Sms]]] = {
    GatewayKind.KANNEL: _kannel,
}
"""The connection to a gateway of each kind."""
