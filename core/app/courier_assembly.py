"""The courier of an open election, apart from its other services: no other program loads it."""

import random

from core.app.services import Services
from core.delivery.batched_message_completions import UncommittedCompletions
from core.delivery.courier import Courier
from core.delivery.journal_sealer import JournalSealer
from core.delivery.link_request_lookup import LinkRequestBatch
from core.delivery.mail_writer import MailWriter
from core.delivery.message_preparation import MessagePreparation
from core.delivery.send_result_recorder import SendResultRecorder
from core.delivery.sender_pool import SenderPool
from core.ports import ComposedMail, MailRenderer, Sms


def courier_of(
    services: Services, mails: SenderPool[ComposedMail], texts: SenderPool[Sms], composer: MailRenderer
) -> Courier:
    """Return a courier that sends through these connections."""
    writer = MailWriter(
        dependencies=services.dependencies,
        composer=composer,
        templates=services.flows.mail_templates,
        timeline=services.flows.timeline_texts,
        desk_address=services.settings.desk.email,
        board_address=services.settings.board.email,
    )
    completions = UncommittedCompletions(services.store)
    requests = LinkRequestBatch(services.dependencies)
    preparation = MessagePreparation(services.dependencies, writer, services.flows.outbox_handlers, requests)
    return Courier(
        store=services.store,
        preparation=preparation,
        completions=completions,
        results=SendResultRecorder(
            store=services.store,
            preparation=preparation,
            completions=completions,
            clock=services.clock,
            jitter=random.random,
        ),
        sealer=JournalSealer(dependencies=services.dependencies, board=services.settings.board.email),
        mails=mails,
        texts=texts,
        clock=services.clock,
    )
