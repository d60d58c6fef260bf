from collections.abc import Sequence
from pathlib import Path

from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.key_vault import KeyVault
from core.adapters.mail_composer import MailComposer
from core.adapters.network_limits import (
    InProcessNetworkLimits,
    NestedNetworkLimits,
    NoNetworkLimits,
)
from core.adapters.password_hashing import Argon2PasswordHasher
from core.adapters.random_source import SystemRandomSource
from core.adapters.role_key_files import open_vault
from core.adapters.sql.database_check import DatabaseTablesAndKeysCheck
from core.adapters.sql.engine import open_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.store import SqlStore
from core.app.services import Services
from core.app.settings import Settings, load
from core.flows.board_alarms import ROWS_ALTERED, raise_board_alarm_in_own_transaction
from core.flows.dependencies import Dependencies
from core.flows.flow_plugin import FlowPlugin
from core.flows.registry import FLOWS, states_by_flow
from core.forms.step_position import step_positions_by_code
from core.ports import (
    NetworkLimits,
    ProcessMeasurements,
    Vault,
)
from core.security.key_roles import ProgramKeyRole


def open_services(
    folder: Path,
    role: ProgramKeyRole | None = None,
    *,
    measured: bool = False,
    flow_plugin_types: Sequence[type[FlowPlugin]] = FLOWS,
) -> Services:
    """Open an election. If `role` is None, use the master keys. Raises SettingsRefused, KeyFileRefused."""
    settings = load(folder, sends=role in {None, ProgramKeyRole.COURIER, ProgramKeyRole.OPERATOR})
    clock = DatabaseSyncedClock(settings.clock_offset())
    vault = open_vault(folder, role, clock, command=settings.key_command)
    program = role or ProgramKeyRole.OPERATOR
    return _wire(settings, clock, vault, folder, flow_plugin_types, program=program, measured=measured)


def open_services_in_worker(accepted: Services) -> Services:
    """Open the election in a forked web process. Reads no files."""
    usual, folder = accepted.dependencies, accepted.folder
    clock, vault, store = usual.clock, usual.vault, usual.store
    # These are as `open_services` made them.
    assert isinstance(clock, DatabaseSyncedClock) and isinstance(vault, KeyVault)  # noqa: S101, PT018
    assert isinstance(store, SqlStore) and folder is not None  # noqa: S101, PT018
    types, serve = accepted.registered, ProgramKeyRole.SERVE
    return _wire(accepted.settings, clock, vault, folder, types, program=serve, measured=True, checked=store.checked)


def _wire(
    settings: Settings,
    clock: DatabaseSyncedClock,
    vault: KeyVault,
    folder: Path,
    flow_plugin_types: Sequence[type[FlowPlugin]],
    *,
    program: ProgramKeyRole,
    measured: bool,
    checked: bool = False,
) -> Services:
    measured = measured and settings.metrics.is_enabled
    measures = build_prometheus_measurements() if measured else ProcessMeasurements()
    engine = open_engine(settings.database_url)
    rows = RowAuthenticator(vault, measures, program)
    check = DatabaseTablesAndKeysCheck(vault, clock)
    store = SqlStore(engine, states_by_flow(flow_plugin_types), rows, check, checked=checked)
    dependencies = Dependencies(
        store=store,
        vault=vault,
        hasher=Argon2PasswordHasher(measures),
        clock=clock,
        entropy=SystemRandomSource(),
        policy=settings.applied_policy(),
        calendar=settings.calendar(),
        election=settings.election_words(),
        address_domains=settings.election.address_domains,
    )
    store.on_altered = lambda table: raise_board_alarm_in_own_transaction(dependencies, f"{ROWS_ALTERED} {table}")
    networks = network_limits_of(settings, vault, measures)
    return Services(settings, dependencies, networks, measures, folder, engine, flow_plugin_types)


def network_limits_of(settings: Settings, vault: Vault, measures: ProcessMeasurements) -> NetworkLimits:
    policy = settings.applied_policy()
    single = policy.visits_per_network_per_minute
    ipv6_56 = single * policy.limits_per_customer_network
    if not settings.throttle_networks:
        return NoNetworkLimits()
    if settings.throttle_url is None:
        return NestedNetworkLimits(InProcessNetworkLimits(single), InProcessNetworkLimits(ipv6_56))
    # The library of this module takes 2 MB of memory.
    from core.adapters.valkey_network_limits import (  # noqa: PLC0415
        ValkeyNetworkLimits,
        lazily_connecting_valkey_storage,
    )

    storage = lazily_connecting_valkey_storage(settings.throttle_url, settings.throttle_answer_milliseconds / 1000)
    return NestedNetworkLimits(
        ValkeyNetworkLimits(storage, single, vault, measures), ValkeyNetworkLimits(storage, ipv6_56, vault, measures)
    )


def build_prometheus_measurements() -> ProcessMeasurements:
    # prometheus_client reads the environment when it is imported.
    from core.adapters.prometheus_counters import PrometheusMeasurements  # noqa: PLC0415

    return PrometheusMeasurements()


def mail_composer_of(services: Services) -> MailComposer:
    mail = services.settings.mail
    return MailComposer(
        services.dependencies.election,
        str(mail.sender),
        services.dependencies.vault,
        mail.bounce_domain,
        mail.bounce_local_part,
        positions=step_positions_by_code(services.flows.definitions),
    )
