"""The courier of an open election, and its connections to the mail relays and SMS gateways that the settings name."""

import random
import ssl
from collections.abc import Callable, Mapping

from core.adapters.kannel_sms_transport import KannelConnection, KannelGateway
from core.adapters.provider_failover import FailoverTransport, ProviderConnection
from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTransport
from core.app.services import Services
from core.delivery.batched_message_completions import UncommittedCompletions
from core.delivery.courier import Courier
from core.delivery.journal_sealer import JournalSealer
from core.delivery.link_request_decisions import LinkRequestDecisions
from core.delivery.mail_writer import MailWriter
from core.delivery.message_preparation import MessagePreparation
from core.delivery.send_result_recorder import SendResultRecorder
from core.delivery.sender_pool import SenderPool
from core.delivery.sms_gateway_callbacks import report_tag
from core.election.urls import sms_report_url
from core.ports import Clock, ComposedMail, MailRenderer, Sms, SmsTransport
from core.settings import Settings
from core.settings.sections import GatewayKind, GatewaySection


def courier_of(
    services: Services, mails: SenderPool[ComposedMail], texts: SenderPool[Sms], composer: MailRenderer
) -> Courier:
    """Return a courier that sends through these connections."""
    writer = MailWriter(
        dependencies=services.dependencies,
        composer=composer,
        templates={kind: template for flow in services.flows for kind, template in flow.mail_templates.items()},
        timeline=services.flows.timeline_texts,
        desk_address=services.settings.desk.email,
        board_address=services.settings.board.email,
    )
    preparation = MessagePreparation(
        services.dependencies,
        writer,
        LinkRequestDecisions(services.dependencies, writer),
        {kind: handler for flow in services.flows for kind, handler in flow.outbox_handlers.items()},
    )
    completions = UncommittedCompletions(services.dependencies.store, preparation.on_end)
    return Courier(
        store=services.dependencies.store,
        preparation=preparation,
        completions=completions,
        results=SendResultRecorder(completions=completions, clock=services.dependencies.clock, jitter=random.random),
        sealer=JournalSealer(dependencies=services.dependencies, board=services.settings.board.email),
        mails=mails,
        texts=texts,
        clock=services.dependencies.clock,
    )


ReportTo = Callable[[str], str]
"""The address to which a gateway reports about the SMS of that id."""


def mail_transport_of(settings: Settings) -> SenderPool[ComposedMail]:
    """Return the connections for mails."""
    trust = ssl.create_default_context()  # read once: it takes 10 ms and a megabyte

    def connect() -> SmtpTransport:
        relays = [SmtpRelay(**relay.connection_settings) for relay in settings.mail.relays]
        return SmtpTransport(relays, hello=settings.mail.bounce_domain, trust=trust)

    return SenderPool(connect(), connect, connections=settings.mail.connections)


def sms_transport_of(services: Services) -> SenderPool[Sms]:
    """Return the connections for SMS."""
    settings = services.settings.sms

    def report_to(message_id: str) -> str:
        return sms_report_url(settings.callbacks or "", message_id, report_tag(services.dependencies.vault, message_id))

    def connect() -> SmsTransport:
        gateways = [
            GATEWAY_KINDS[each.kind](each, report_to, services.dependencies.clock) for each in settings.gateways
        ]
        return FailoverTransport(gateways, "no gateway is set")

    return SenderPool(connect(), connect, connections=settings.connections)


def _kannel(section: GatewaySection, report_to: ReportTo, clock: Clock) -> KannelConnection:
    return KannelConnection(KannelGateway(**section.connection_settings), report_to, clock.now)


GATEWAY_KINDS: Mapping[GatewayKind, Callable[[GatewaySection, ReportTo, Clock], ProviderConnection[Sms]]] = {
    GatewayKind.KANNEL: _kannel,
}
"""The connection to a gateway of each kind."""
