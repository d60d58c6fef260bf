import random
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from time import monotonic
from typing import Any

from core.adapters.declared_sms_transport import DeclaredProvider
from core.adapters.http_sms_provider import HttpSmsProvider
from core.adapters.kannel_sms_transport import KannelGateway, KannelProvider
from core.adapters.provider_failover import FailoverTransport
from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTransport
from core.app.services import Services
from core.app.settings import GatewaySection, KannelSection
from core.delivery.courier import Courier
from core.delivery.journal_sealer import JournalSealer
from core.delivery.mail_writer import MailWriter
from core.delivery.preparation import Preparation
from core.delivery.results import ResultRecorder
from core.delivery.senders import Senders
from core.delivery.sms_gateway_callbacks import report_tag
from core.forms.flow_model import Channel
from core.ports import MailRenderer, MailTransport, SmsTransport
from core.text.urls import provider_report_url, sms_report_url


def courier_of(
    services: Services,
    mails: MailTransport,
    texts: SmsTransport,
    composer: MailRenderer,
    threads: Callable[[int], Executor] = ThreadPoolExecutor,
) -> Courier:
    """Create a courier for these transports. `threads` creates an executor with the given number of threads."""
    settings = services.settings
    processors = {kind: handler for flow in services.flows for kind, handler in flow.outbox_handlers.items()}
    writer = MailWriter(
        dependencies=services.dependencies,
        composer=composer,
        templates={kind: template for flow in services.flows for kind, template in flow.mail_templates.items()},
        timeline=services.flows.timeline_texts,
        desk_address=settings.desk.email,
        board_address=settings.board.email,
    )
    connections = {Channel.SMS: settings.sms.connections, Channel.MAIL: settings.mail.connections}
    return Courier(
        store=services.dependencies.store,
        preparation=Preparation(services.dependencies, writer, processors),
        results=ResultRecorder(
            store=services.dependencies.store,
            clock=services.dependencies.clock,
            jitter=random.random,
            processors=processors,
        ),
        sealer=JournalSealer(dependencies=services.dependencies, board=settings.board.email),
        mails=mails,
        texts=texts,
        senders=[Senders(channel, number, threads(number)) for channel, number in connections.items()],
        clock=services.dependencies.clock,
    )


def mail_transport_of(services: Services) -> MailTransport:
    settings = services.settings.mail
    relays = [SmtpRelay(**relay.connection_settings) for relay in settings.relays]
    return SmtpTransport(relays, hello=settings.bounce_domain, measures=services.measures)


def sms_transport_of(services: Services, clock: Callable[[], float] = monotonic) -> SmsTransport:
    return FailoverTransport(sms_providers_of(services, clock), "no gateway is set", services.measures, clock)


def sms_providers_of(services: Services, clock: Callable[[], float] = monotonic) -> list[HttpSmsProvider[Any]]:
    return [_gateway(services, section, clock) for section in services.settings.sms.gateways]


def _gateway(services: Services, section: GatewaySection, clock: Callable[[], float]) -> HttpSmsProvider[Any]:
    vault, now = services.dependencies.vault, services.dependencies.clock.now
    if isinstance(section, KannelSection):
        callbacks = services.settings.sms.callbacks or ""
        gateway = KannelGateway(**section.connection_settings)
        return KannelProvider(gateway, lambda sms: sms_report_url(callbacks, sms, report_tag(vault, sms)), now, clock)
    site, name = section.callbacks or "", section.name
    return DeclaredProvider(
        section.declared(), lambda sms: provider_report_url(site, name, sms, report_tag(vault, sms, name)), now, clock
    )
