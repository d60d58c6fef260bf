from dataclasses import dataclass, field
from functools import partial

import pyotp

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.ports import Actor, Agent, AgentRole, Event, EventType, Transaction
from core.security.key_purposes import AGENT_CODE
from core.security.tokens import CASE_ALPHABET

FIRST_PASSWORD_SYMBOLS = 16
"""Number of symbols in an agent's first password."""
GROUP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAgentCredentials:
    """Credentials for a new agent, shown to the operator only once."""

    name: str
    role: AgentRole
    first_password: str = field(repr=False)
    secret_uri: str = field(repr=False)
    """The otpauth URI that the agent's authenticator application scans as a QR code."""


@dataclass(frozen=True, slots=True)
class AgentAccounts:
    dependencies: Dependencies

    def list_all(self) -> list[Agent]:
        with self.dependencies.store.read() as transaction:
            return transaction.agents.all()

    def add(self, name: str, role: AgentRole) -> NewAgentCredentials | None:
        """Create an account. Returns None if any agent has ever had this name."""
        credentials, secret = self._credentials(name, role)
        password, now = self.dependencies.hasher.hash(credentials.first_password), self.dependencies.clock.now()
        sealed = self._seal(name, secret)
        with self.dependencies.store.write() as transaction:
            added = transaction.agents.add(name, role=role, password_hash=password, secret=sealed, at=now)
            if added:
                self._record(transaction, EventType.AGENT_ADDED, name, role)
        return credentials if added else None

    def reset_credentials(self, name: str, role: AgentRole | None = None) -> NewAgentCredentials | None:
        """Replace an agent's password and authenticator secret. Returns None for an unknown name."""
        return retry_on_conflict(lambda: self._renew(name, role))

    def _renew(self, name: str, role: AgentRole | None) -> NewAgentCredentials | None:
        agent = self._find(name)
        if agent is None:
            return None
        credentials, secret = self._credentials(name, role or agent.role)
        password, sealed = self.dependencies.hasher.hash(credentials.first_password), self._seal(name, secret)
        with self.dependencies.store.write() as transaction:
            transaction.agents.reset_credentials(
                agent.id, role=credentials.role, password_hash=password, secret=sealed, epoch=agent.epoch
            )
            self._record(transaction, EventType.AGENT_RENEWED, name, credentials.role)
        return credentials

    def remove(self, name: str) -> bool:
        """Remove an account and end its sessions. Returns False if no account has this name."""
        return retry_on_conflict(lambda: self._remove(name))

    def _remove(self, name: str) -> bool:
        agent = self._find(name)
        if agent is None or agent.removed is not None:
            return agent is not None
        with self.dependencies.store.write() as transaction:
            transaction.agents.remove(agent.id, epoch=agent.epoch, at=self.dependencies.clock.now())
            self._record(transaction, EventType.AGENT_REMOVED, name, agent.role)
        return True

    def reencrypt_totp_secrets(self) -> None:
        """Encrypt all readable authenticator secrets with the newest key."""
        for agent in self.list_all():
            retry_on_conflict(partial(self._reseal, agent.name))

    def _reseal(self, name: str) -> None:
        agent = self._find(name)
        if agent is None:
            return
        secret = self.dependencies.vault.open(AGENT_CODE, agent.secret, context=name.encode())
        if secret is None:
            return
        with self.dependencies.store.write() as transaction:
            transaction.agents.store_resealed_secret(agent.id, self._seal(name, secret.decode()), epoch=agent.epoch)

    def _find(self, name: str) -> Agent | None:
        with self.dependencies.store.read() as transaction:
            return transaction.agents.by_name(name)

    def _credentials(self, name: str, role: AgentRole) -> tuple[NewAgentCredentials, str]:
        symbols = self.dependencies.entropy.random_symbols(CASE_ALPHABET, FIRST_PASSWORD_SYMBOLS)
        groups = (symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))
        secret = pyotp.random_base32()
        uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=self.dependencies.election.name)
        return NewAgentCredentials(name=name, role=role, first_password="-".join(groups), secret_uri=uri), secret

    def _seal(self, name: str, secret: str) -> bytes:
        return self.dependencies.vault.seal(AGENT_CODE, secret.encode(), context=name.encode())

    def _record(self, transaction: Transaction, act: EventType, name: str, role: AgentRole) -> None:
        now = self.dependencies.clock.now()
        transaction.journal.write(Event(at=now, actor=Actor.OPERATOR, act=act, agent=name, reason=role))
