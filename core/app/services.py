"""The objects that a program needs to serve one election."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.adapters.http_voting_platform import HttpVotingPlatform
from core.adapters.sql.store import SqlStore
from core.app.health.readiness import HostReadinessCheck
from core.app.legal.notice import legal_pages
from core.app.legal.pages import TextPage, academy_mailboxes_page
from core.app.settings import Settings
from core.delivery.platform_reconciliation import PlatformComparison, PlatformDifferenceRepair
from core.delivery.sms_budgets import SmsBudgets
from core.delivery.sms_gateway_callbacks import SmsGatewayCallbackHandler
from core.flows.dependencies import Dependencies
from core.flows.dispatcher import FlowDispatcher
from core.flows.flow_plugin import ElectionFlows, FlowPlugin, PlatformConnection
from core.flows.known_incidents import KnownIncidentsCache
from core.flows.registry import FLOWS
from core.flows.start_page import StartPageBelowForm, start_page_below_form
from core.ports import (
    NetworkLimits,
    ProcessMeasurements,
)
from core.ports.voting_platform import VotingPlatform
from core.security import key_purposes
from core.security.digests import PlatformPseudonyms

if TYPE_CHECKING:
    from core.desk.desk import Desk


@dataclass(frozen=True)
class Services:
    settings: Settings
    dependencies: Dependencies
    networks: NetworkLimits
    measures: ProcessMeasurements = field(default_factory=ProcessMeasurements)
    folder: Path | None = None
    engine: Engine | None = None
    registered: Sequence[type[FlowPlugin]] = FLOWS

    @property
    def database_engine(self) -> Engine:
        assert self.engine is not None  # noqa: S101  # `open_services` sets it
        return self.engine

    @cached_property
    def flows(self) -> ElectionFlows:
        return ElectionFlows(self.dependencies, self.budgets, self._platform_access, self.registered)

    @cached_property
    def dispatcher(self) -> FlowDispatcher:
        return FlowDispatcher(tuple(each.handler for each in self.flows), self.dependencies)

    @cached_property
    def start_page_below_form(self) -> StartPageBelowForm:
        return start_page_below_form(self.dependencies.policy, self.dependencies.calendar, self.dependencies.election)

    @cached_property
    def academy_mailboxes_page(self) -> TextPage | None:
        return academy_mailboxes_page(self.settings.academies)

    @cached_property
    def legal_pages(self) -> tuple[TextPage, ...]:
        return legal_pages(self.settings, self.dependencies.policy, self.dependencies.calendar)

    @cached_property
    def budgets(self) -> SmsBudgets:
        return SmsBudgets(self.dependencies, by_network=self.settings.throttle_networks)

    @cached_property
    def sms_gateway_callback_handler(self) -> SmsGatewayCallbackHandler:
        return SmsGatewayCallbackHandler(self.dependencies, tuple(self.flows))

    @cached_property
    def known_incidents_cache(self) -> KnownIncidentsCache:
        return KnownIncidentsCache(self.dependencies)

    @cached_property
    def desk(self) -> "Desk":
        from core.desk.desk import Desk  # noqa: PLC0415  # the site and the courier do not need these 2 MB

        return Desk(self.dependencies, self.dispatcher, self.flows)

    @cached_property
    def readiness(self) -> HostReadinessCheck:
        return self.readiness_of(f"{self.settings.web.host}:{self.settings.web.port}")

    def readiness_of(self, program: str) -> HostReadinessCheck:
        store, clock = self.dependencies.store, self.dependencies.clock
        assert isinstance(store, SqlStore) and isinstance(clock, DatabaseSyncedClock)  # noqa: S101, PT018  # as `open_services` made them
        late = timedelta(minutes=self.dependencies.policy.desk_late_minutes)
        return HostReadinessCheck(store, clock, f"{gethostname()} {program}", late)

    @property
    def database_time(self) -> datetime:
        """The database's current time, without the clock offset of a demo."""
        clock = self.dependencies.clock
        assert isinstance(clock, DatabaseSyncedClock)  # noqa: S101  # as `open_services` made it
        return clock.time_without_demo_offset()

    def close(self) -> None:
        if isinstance(self.dependencies.store, SqlStore):
            self.dependencies.store.close()

    @cached_property
    def platform_key(self) -> bytes:
        """The key shared with the voting platform. By default, the key is derived from the vault's keys."""
        return self.settings.platform.shared_key or self.dependencies.vault.digest(key_purposes.PLATFORM, b"shared key")

    @cached_property
    def platform_pseudonyms(self) -> PlatformPseudonyms:
        return PlatformPseudonyms(self.platform_key)

    @cached_property
    def platform(self) -> VotingPlatform:
        """The voting platform: an HTTP service if its URL is set, otherwise our database."""
        settings = self.settings.platform
        if settings.url is None:
            return EmbeddedVotingPlatform(self.dependencies.store)
        return HttpVotingPlatform(settings.url, self.platform_key, settings.timeout_seconds, self.dependencies.clock)

    def _platform_access(self) -> PlatformConnection:
        return PlatformConnection(self.platform, self.platform_key, self.platform_pseudonyms)

    @property
    def platform_comparison(self) -> PlatformComparison:
        return PlatformComparison(
            self.dependencies.store, self.platform, self.platform_pseudonyms, self.dependencies.clock
        )

    @property
    def platform_repair(self) -> PlatformDifferenceRepair:
        return PlatformDifferenceRepair(self.dependencies, self.flows)
