"""Signing in and out. A voter is never locked out by the tries of others (OWASP Authentication: device cookies)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core import errors, purposes, tokens
from core.policy import Deed
from core.ports import Act, Actor, Durability, Event, Moved, SessionRecord, Transaction, Verdict, Voter
from core.service.tools import Tools
from core.service.visit import Visit
from core.steps import Problems


class Device(msgspec.Struct, frozen=True, array_like=True):
    """What the mark of a recognised browser says."""

    voter: int
    nonce: str
    expires: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed-in voter."""

    session: SessionRecord
    voter: Voter
    password_set: datetime


@dataclass(frozen=True, slots=True)
class Sessions:
    """Who is signed in."""

    tools: Tools

    def sign_in(self, address: str, password: str, visit: Visit, *, case: str) -> Visit:
        """The visitor, signed in. One argon2 is spent whoever it is (rule 2).

        Raises Problems, TooManySignIns, AccountFrozen, NotYetOpen, VoteClosed.
        """
        now = self.tools.clock.now()
        self.tools.require(Deed.SIGN_IN, now)
        voter, left = self._admit(address, visit, now, case)
        matches = self.tools.hasher.verify(None if voter is None else voter.password, password)
        if voter is None or not matches:
            self._note(now, Act.SIGN_IN_REFUSED, case, voter, "wrong-password")
            pause = self.tools.policy.sign_in_pause_minutes
            raise Problems({"password": errors.WrongPassword()}, tries=errors.tries_left(left, pause_minutes=pause))
        if voter.frozen is not None:
            self._note(now, Act.SIGN_IN_REFUSED, case, voter, "frozen")
            raise errors.AccountFrozen
        return self._open(voter, password, visit, now, case)

    def _admit(self, address: str, visit: Visit, now: datetime, case: str) -> tuple[Voter | None, int]:
        """Counts the try before it is made, so that tries in parallel share the count; how many are left after it."""
        with self.tools.store.write(Durability.RELAXED) as transaction:
            voter = transaction.voters.by_address(address)
            verdict = self._count(transaction, address, visit, now)
            if not verdict.allowed:
                transaction.journal.write(self._event(now, Act.SIGN_IN_REFUSED, case, voter, "too-many-sign-ins"))
        if not verdict.allowed:
            raise errors.TooManySignIns(until=self.tools.calendar.local(verdict.until))
        return voter, verdict.left

    def _count(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> Verdict:
        """The count that is nearer to its end. A recognised browser is counted apart from strangers."""
        policy = self.tools.policy
        pause = timedelta(minutes=policy.sign_in_pause_minutes)
        own = self._own_bucket(address, visit, now)
        mine = transaction.throttle.take(own, limit=policy.sign_in_tries, window=pause, now=now)
        if not mine.allowed or self._device(visit.device, address, now) is not None:
            return mine
        window = timedelta(minutes=policy.sign_in_strangers_window_minutes)
        limit = policy.sign_in_tries_from_strangers
        strangers = transaction.throttle.take(self._strangers(address), limit=limit, window=window, now=now)
        return min(mine, strangers, key=lambda verdict: verdict.left)

    def _own_bucket(self, address: str, visit: Visit, now: datetime) -> bytes:
        device = self._device(visit.device, address, now)
        return self._bucket("network", address, visit.network) if device is None else self._bucket("device", "", device)

    def _strangers(self, address: str) -> bytes:
        return self._bucket("strangers", address, "")

    def _bucket(self, kind: str, address: str, who: str) -> bytes:
        return self.tools.vault.digest(purposes.THROTTLE, f"sign-in|{kind}|{address}|{who}".encode())

    def _open(self, voter: Voter, password: str, visit: Visit, now: datetime, case: str) -> Visit:
        token, policy = tokens.new_token(self.tools.entropy), self.tools.policy
        expires = min(now + timedelta(minutes=policy.session_minutes), self.tools.calendar.vote_closes)
        record = SessionRecord(digest=tokens.digest(token), voter=voter.id, epoch=voter.epoch, expires=expires)
        rehashed = self._rehashed(voter, password)
        with self.tools.store.write(Durability.RELAXED) as transaction:
            transaction.sessions.open(record)
            self._uncount(transaction, voter.email, visit, now)
            transaction.journal.write(self._event(now, Act.SIGNED_IN, case, voter))
        if rehashed is not None:
            self._keep_rehashed(voter, rehashed)
        return visit.with_(session=token, device=self.recognise(voter, now))

    def _uncount(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> None:
        """A success forgives one's own wrong tries; of the strangers' it takes back only itself."""
        transaction.throttle.forget(self._own_bucket(address, visit, now))
        if self._device(visit.device, address, now) is None:
            transaction.throttle.give_back(self._strangers(address))

    def _rehashed(self, voter: Voter, password: str) -> str | None:
        outdated = voter.password is not None and self.tools.hasher.outdated(voter.password)
        return self.tools.hasher.hash(password) if outdated else None

    def _keep_rehashed(self, voter: Voter, rehashed: str) -> None:
        try:
            with self.tools.store.write(Durability.RELAXED) as transaction:
                transaction.voters.rehash(voter.id, rehashed, epoch=voter.epoch)
        except Moved:
            return  # the password was changed in this instant: the new one has today's parameters already

    def recognise(self, voter: Voter, now: datetime) -> str:
        """The mark of a browser whose holder has proved to be that voter."""
        expires = now + timedelta(days=self.tools.policy.device_days)
        nonce = tokens.base64url(self.tools.entropy.token(tokens.HANDLE_BYTES))
        device = Device(voter=voter.id, nonce=nonce, expires=int(expires.timestamp()))
        return tokens.base64url(
            self.tools.vault.seal(purposes.DEVICE, msgspec.json.encode(device), context=voter.email.encode())
        )

    def _device(self, mark: str | None, address: str, now: datetime) -> str | None:
        sealed = None if mark is None else tokens.from_base64url(mark)
        clear = None if sealed is None else self.tools.vault.open(purposes.DEVICE, sealed, context=address.encode())
        if clear is None:
            return None
        device = msgspec.json.decode(clear, type=Device)
        return device.nonce if device.expires > now.timestamp() else None

    def signed(self, token: str | None) -> Signed:
        """Who is signed in with that session. Raises SignInNeeded, also after a reset, a freeze or the time's end."""
        found = None if token is None else self._find(token)
        if found is None:
            raise errors.SignInNeeded
        return found

    def _find(self, token: str) -> Signed | None:
        with self.tools.store.look() as transaction:
            found = transaction.sessions.find(tokens.digest(token))
        if found is None or found.voter.password_set is None:
            return None
        session, voter = found.record, found.voter
        current = session.epoch == voter.epoch and voter.removed is None and voter.frozen is None
        if not current or session.expires <= self.tools.clock.now():
            return None
        return Signed(session=session, voter=voter, password_set=found.voter.password_set)

    def sign_out(self, visit: Visit) -> Visit:
        """Ends the session on the server too; without one, nothing happens."""
        if visit.session is None:
            return visit
        found = self._find(visit.session)
        with self.tools.store.write(Durability.RELAXED) as transaction:
            transaction.sessions.close(tokens.digest(visit.session))
            if found is not None:
                transaction.journal.write(self._event(self.tools.clock.now(), Act.SIGNED_OUT, None, found.voter))
        return visit.with_(session=None)

    def _note(self, at: datetime, act: Act, case: str, voter: Voter | None, reason: str) -> None:
        with self.tools.store.write(Durability.RELAXED) as transaction:
            transaction.journal.write(self._event(at, act, case, voter, reason))

    def _event(self, at: datetime, act: Act, case: str | None, voter: Voter | None, reason: str | None = None) -> Event:
        known = None if voter is None else voter.id
        return Event(at=at, actor=Actor.VOTER, act=act, case=case, voter=known, reason=reason)
