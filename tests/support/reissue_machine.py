"""Both flows under one machine: voters with browsers and telephones, operators, a desk and a platform, all at one moment."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from core import errors, purposes
from core.adapters.signing import genuine
from core.courier.notary import Notary
from core.errors import Refusal
from core.journal.verifying import Examination
from core.platform import Away, Denied, Done, Overtaken, Reissue
from core.ports import Act, Delivery, ReissueRecord, Reply, Role, Sms
from core.reissue import Undelivered
from core.service.deliveries import FINAL, Heard, report_tag
from core.steps import Problems
from core.tokens import read_sms_id
from tests.support.air import NO_GATEWAY, PUTS_OFF, REFUSES_SMS, TAKES
from tests.support.desk import on_duty
from tests.support.election import GOOD, visit
from tests.support.machine import ANY, GIRAFE, POLICY, some
from tests.support.model import Given, Person
from tests.support.mortal import Killed
from tests.support.post import ACCEPTS
from tests.support.recoveries import Recoveries
from tests.support.reissues import BORN, CODE_SMS, IDENTIFIER_SMS, PlayedPlatform, identity, numen_of, verifies

PHONES = ("+33612345678", "+33687654321", "+33711223344")
"""Fewer than the voters would need: they meet on them."""
AWAY = Away("time-out")
CONTEXT = 40
ONE_IN = 6
"""So often somebody comes back to a page that is over, or a voter is frozen or leaves."""


@dataclass
class Platform(PlayedPlatform):
    """One that may do what it is told and never answer."""

    deaf: bool = False

    def reissue(self, reissue: Reissue) -> Done | Overtaken | Denied | Away:
        """Perhaps."""
        told = super().reissue(reissue)
        return AWAY if self.deaf else told


VOTERS_ACTS = st.tuples(
    st.sampled_from(["request", "prove", "mistake", "code", "code", "wrong-code", "again", "other-number", "by-sms"]),
    ANY,
    ANY,
)
OTHERS_ACTS = st.tuples(st.sampled_from(["report", "report", "courier", "desk-freezes", "voter-freezes"]), ANY, ANY)


class BothFlows(Recoveries):
    """Every way to act, one after the other and within each other, and what is always true."""

    def __init__(self) -> None:
        super().__init__()
        self.platform = Platform(self.world.house.platform)
        self.world.house.__dict__["platform"] = self.platform
        self.reported: dict[str, set[Delivery]] = defaultdict(set)

    @initialize()
    def desk(self) -> None:
        """Somebody is on duty."""
        self.duty = on_duty(self.world)
        self.supervisor = on_duty(self.world, "robin", Role.SUPERVISOR)

    # ── Those who want an identifier ─────────────────────────────────────────────────────────────────────

    @property
    def sms(self) -> list[Sms]:
        """All that reached a telephone, as often as it came."""
        return self.world.air.taken

    def codes(self) -> list[str]:
        """That somebody could read, the newest first."""
        return [sms.text[-6:] for sms in reversed(self.sms) if sms.message_id.startswith(CODE_SMS)]

    @rule(which=ANY)
    def arrive(self, which: int) -> None:
        """Into the voter space, by a link to a password where they have none, in one stride."""
        person = self.model.people[which % len(self.model.people)]
        if person.frozen or person.removed:
            return
        if person.password is None:
            self.ask_and_be_answered(person.line.email)
            if not any(link.person is person and link.alive(self.now) for link in self.model.links):
                return
            self.choose(self._last_link_of(person), GOOD)
        self.sign_in(person.line.email, None)

    def _last_link_of(self, person: Person) -> int:
        ours = [n for n, link in enumerate(self.model.links) if link.person is person and link.alive(self.now)]
        return ours[-1]

    @some("sessions")
    @rule(act=VOTERS_ACTS)
    def one_act(self, act: tuple[str, int, int]) -> None:
        """A signed-in voter does something of the flow, or answers an SMS."""
        self.perform(*act)

    @rule(which=ANY, pick=ANY)
    def order(self, which: int, pick: int) -> None:
        """As most do: the whole way to an identifier that is under way."""
        if not self._alive():
            self.arrive(which)
        if not self._alive():
            return
        self.perform("request", which, pick)
        self.perform("prove", which, pick)
        self.courier(ACCEPTS)
        if pick % 4:
            self.perform("code", which, 0)
        else:
            self._by_sms(pick, 0)

    @rule(which=ANY, pick=ANY, says=st.sampled_from([Delivery.UNDELIVERED] * 3 + sorted(FINAL)))
    def receive(self, which: int, pick: int, says: Delivery) -> None:
        """Likewise, and the operator has its say."""
        self.order(which, pick)
        self.courier(ACCEPTS)
        self._report(-1, list(Delivery).index(says))

    @rule(which=ANY, pick=ANY)
    def telephone_is_off(self, which: int, pick: int) -> None:
        """Whoever asks again and again meanwhile loses more than are given back."""
        for _ in range(POLICY.reissues_given_back + 1):
            self.receive(which, pick, Delivery.UNDELIVERED)

    def _alive(self) -> list[Given]:
        return [session for session in self.model.sessions if session.alive(self.now)]

    def perform(self, kind: str, which: int, pick: int) -> None:
        """One act; whoever is refused is told so by a class of the errors' page."""
        acts: dict[str, Callable[[int, int], object]] = {
            "report": self._report,
            "courier": lambda _which, _pick: self.courier(ACCEPTS),
            "desk-freezes": lambda which, _pick: self.desk_freezes(which),
            "voter-freezes": lambda which, _pick: self.freeze(which),
            "by-sms": self._by_sms,
        }
        acts.get(kind, lambda which, pick: self._on_the_page(kind, which, pick))(which, pick)

    def _on_the_page(self, kind: str, which: int, pick: int) -> None:
        pool = (self._alive() if which % ONE_IN else None) or self.model.sessions
        session = pool[which // ONE_IN % len(pool)]
        alive = session.alive(self.now)
        try:
            self._answer(kind, session, pick)
        except errors.SignInNeeded:
            assert not (alive and session.alive(self.now))
        except (Problems, Refusal):
            pass
        else:
            assert alive

    def _answer(self, kind: str, session: Given, pick: int) -> None:
        steps, held = self.world.house.identifier, visit(session=session.token)
        match kind:
            case "request":
                self.world.at(steps.begin, "request", held)
            case "prove" | "mistake":
                wrong = {} if kind == "prove" else {"birth_date-day": "30"}
                typed = identity(session.person.line.email, phone=PHONES[pick % len(PHONES)], **wrong)
                self.world.at(steps.identity, "validate", held, **typed)
            case "code" | "wrong-code":
                self.world.at(steps.code, "validate", held, code=self._a_code(pick if kind == "code" else -1))
            case _:
                self.world.at(steps.code, kind, held)

    def _a_code(self, pick: int) -> str:
        """One of the last three that came; none, or of another's case, is as good as a wrong one."""
        known = list(islice(self.codes(), 3))
        return known[pick % len(known)] if known and pick >= 0 else "000000"

    def _by_sms(self, which: int, pick: int) -> None:
        reply = self.world.house.hearing.code_by_sms(PHONES[which % len(PHONES)], f"code {self._a_code(pick)}")
        assert reply in set(Reply)

    @rule(minutes=st.sampled_from([1, 1, 3, 11, 61, 300]))
    def wait(self, minutes: int) -> None:
        """Time passes: a minute between two sendings, the life of a code, that of a session."""
        self.world.clock.move(minutes=minutes)

    # ── Operators, gateways, the platform, the desk ──────────────────────────────────────────────────────

    @precondition(lambda self: self.sms)
    @rule(which=ANY, pick=ANY)
    def report(self, which: int, pick: int) -> None:
        """What an operator says of any SMS, in any order and as often as it likes; a forged tag says nothing."""
        self._report(which, pick)
        message_id, events = self.sms[which % len(self.sms)].message_id, self.world.kept.events()
        assert self.world.house.deliveries.report(message_id, "forged", Delivery.DELIVERED) is Heard.FORGED
        assert self.world.kept.events() == events

    def _report(self, which: int, pick: int) -> None:
        if not self.sms:
            return
        message_id, delivery = self.sms[which % len(self.sms)].message_id, list(Delivery)[pick % len(Delivery)]
        if message_id.startswith(IDENTIFIER_SMS) and delivery in FINAL:
            self.reported[_case(message_id)].add(delivery)
        tag = report_tag(self.world.tools.vault, message_id)
        heard = self.world.house.deliveries.report(message_id, tag, delivery)
        assert heard in {Heard.NOTED, Heard.NOTED_BEFORE}

    @rule(gateways=st.sampled_from([TAKES] * 5 + [PUTS_OFF, NO_GATEWAY, REFUSES_SMS]))
    def gateways_change(self, gateways: object) -> None:
        """From now on they answer so."""
        self.world.air.says = gateways  # type: ignore[assignment]  # one of its answers

    @rule(says=st.sampled_from([None] * 4 + [AWAY]), deaf=st.sampled_from([False] * 4 + [True]))
    def platform_changes(self, says: Away | None, *, deaf: bool) -> None:
        """Up, down, or doing what it is told and never answering."""
        self.platform.says, self.platform.deaf = says, deaf

    @rule(which=ANY)
    def freeze(self, which: int) -> None:
        """It was not they."""
        if self.model.stops and not which % ONE_IN:
            super().freeze(which // ONE_IN)

    @rule(which=ANY)
    def desk_freezes(self, which: int) -> None:
        """As a verified caller asks; frozen already, nothing happens."""
        person = self.model.people[which // ONE_IN % len(self.model.people)]
        if person.removed or which % ONE_IN:
            return
        desk = self.world.house.desk
        caller = desk.callers.verify(self.duty, person.id, BORN, numen_of(person.line.email))
        desk.freezing.freeze(self.duty, caller)
        person.life += not person.frozen
        person.frozen = True

    @rule(which=ANY)
    def desk_opens_again(self, which: int) -> None:
        """With a supervisor beside; without a password."""
        person = self.model.people[which % len(self.model.people)]
        if person.removed or not person.frozen:
            return
        desk = self.world.house.desk
        caller = desk.callers.verify(self.duty, person.id, BORN, numen_of(person.line.email))
        with self.world.store.read() as transaction:
            supervisor = transaction.agents.by_name(self.supervisor.name)
        assert supervisor is not None
        signature = desk._proofs.signature(supervisor, self.duty, person.id, self.now)
        desk.freezing.unfreeze(self.duty, caller, signature)
        person.life += 1
        person.frozen, person.password = False, None

    @rule(which=ANY)
    def change_the_roll(self, which: int) -> None:  # type: ignore[override]  # no other address: a NUMEN is made from it here
        """They leave it."""
        person = self.model.people[which // ONE_IN % len(self.model.people)]
        if person.removed or which % (ONE_IN * ONE_IN):
            return
        with self.world.store.write() as transaction:
            transaction.roll.remove([person.id], self.now)
        person.removed = True
        person.life += 1

    # ── At one moment ────────────────────────────────────────────────────────────────────────────────────

    @some("sessions")
    @rule(first=VOTERS_ACTS, second=VOTERS_ACTS | OTHERS_ACTS, later=st.integers(0, 2))
    def at_one_moment(self, first: tuple[str, int, int], second: tuple[str, int, int], later: int) -> None:
        """The second comes between what the first has read and what it writes."""
        self._within(later, lambda: self.perform(*second), lambda: self.perform(*first))

    @rule(which=ANY, pick=ANY, meanwhile=VOTERS_ACTS | OTHERS_ACTS, later=st.integers(0, 9))
    def while_a_courier_works(self, which: int, pick: int, meanwhile: tuple[str, int, int], later: int) -> None:
        """Between any two of its steps, on an identifier that was just ordered."""
        self.order(which, pick)
        if not self.model.sessions:
            return
        self._within(later, lambda: self.perform(*meanwhile), lambda: self.courier(ACCEPTS))

    @rule(which=ANY, pick=ANY, later=st.integers(0, 9))
    def courier_dies(self, which: int, pick: int, later: int) -> None:
        """At any of its steps, with an identifier in hand."""

        def die() -> None:
            raise Killed

        self.order(which, pick)
        try:
            self._within(later, die, lambda: self.world.courier().round())
        except Killed:
            self.world.clock.move(minutes=2)

    def _within(self, later: int, act: Callable[[], object], around: Callable[[], object]) -> None:
        done = []

        def once() -> None:
            done.append(True)
            act()

        self.busy.meanwhile = [*[lambda: None] * later, once]
        try:
            around()
        finally:
            self.busy.meanwhile = []
        if not done:
            act()

    # ── What is always true ──────────────────────────────────────────────────────────────────────────────

    def records(self, person: Person) -> list[ReissueRecord]:
        """Their re-issues, as the store has them."""
        with self.world.store.read() as transaction:
            return transaction.reissues.of_voter(person.id)

    def acts(self, case: str) -> set[tuple[Act, str | None]]:
        """What the journal says of a case."""
        return {(event.act, event.reason) for event in self.world.journal(case)}

    @invariant()
    def at_most_three_are_counted(self) -> None:
        """One of each slot and one under way; one more than three only where the operator found a lost one again."""
        for person in self.model.people:
            records = self.records(person)
            slots = [record.slot for record in records if record.slot is not None]
            given_back = [record for record in records if record.slot is None and record.generation is not None]
            assert len(set(slots)) == len(slots)
            assert sum(record.ended is None for record in records) <= 1
            assert len(given_back) <= POLICY.reissues_given_back
            for record in records:
                self.is_counted_as_it_ended(record)

    def is_counted_as_it_ended(self, record: ReissueRecord) -> None:
        """It is free if it was given up or lost, and not delivered after all."""
        acts = self.acts(record.case)
        lost = (Act.IDENTIFIER_LOST, "given-back") in acts or any(act is Act.REISSUE_GIVEN_UP for act, _ in acts)
        found_again = Delivery.DELIVERED in self.reported[record.case]
        assert (record.slot is None) == (lost and not found_again)
        assert record.slot is None or record.slot <= POLICY.reissues or (lost and found_again)

    @invariant()
    def one_phone_serves_one_voter(self) -> None:
        """Whatever came to a telephone since its code was given back is one person's."""
        owners = defaultdict(set)
        with self.world.store.read() as transaction:
            for sms in self.identifier_sms():
                owners[sms.recipient].add(transaction.recoveries.voter_of(_case(sms.message_id)))
        assert all(len(voters) == 1 for voters in owners.values())

    def identifier_sms(self) -> list[Sms]:
        """Those that reached a telephone."""
        return [sms for sms in self.sms if sms.message_id.startswith(IDENTIFIER_SMS)]

    @invariant()
    def the_former_identifier_is_dead(self) -> None:
        """Of all that a voter got, only the one of the platform's generation votes, and one text is all that a case sends."""
        texts = defaultdict(set)
        for sms in self.identifier_sms():
            texts[_case(sms.message_id)].add(sms.text)
        assert all(len(each) == 1 for each in texts.values())
        for person in self.model.people:
            pseudonym = self.world.house.pseudonyms.told(person.line.pseudonym)
            with self.world.store.read() as transaction:
                standing = transaction.registry.find(pseudonym)
            records = self.records(person)
            assert standing is None or standing.generation <= len(records), "an identifier that nobody ordered"
            for record in records:
                for text in texts[record.case]:
                    in_force = standing is not None and standing.generation == record.generation and not standing.frozen
                    assert verifies(self.world, _identifier(text), pseudonym) == in_force

    # ── At the end ───────────────────────────────────────────────────────────────────────────────────────

    def settle(self) -> None:
        """Everything is answered again: both sides agree, nothing is under way, the journal is sound, no secret is kept."""
        self.world.air.says, self.platform.says, self.platform.deaf = TAKES, None, False
        super().settle()
        if not self.model.people:
            return
        self.at_most_three_are_counted()
        self.the_former_identifier_is_dead()
        assert all(record.ended is not None for person in self.model.people for record in self.records(person))
        unsure = [person for person in self.model.people if any(map(self._nobody_knows, self.records(person)))]
        assert len(self.world.house.reconciling.reconcile().differences) <= len(unsure)
        self.journal_verifies()
        self.no_secret_is_kept()

    def _nobody_knows(self, record: ReissueRecord) -> bool:
        """Lost before anyone heard whether the platform had taken it: only the comparison can tell."""
        with self.world.store.read() as transaction:
            case = transaction.recoveries.by_number(record.case)
        return record.generation is None and case is not None and isinstance(case.state, Undelivered)

    def journal_verifies(self) -> None:
        """Sealed to its end, and nothing is amiss."""
        notary = Notary(tools=self.world.tools, board=None)
        while notary.seal():
            pass
        key = self.world.tools.vault.public_key(purposes.JOURNAL)
        with self.world.store.read() as transaction:
            examination = Examination(transaction.chain, key, genuine)
            assert list(examination.findings()) == []
            assert examination.tail.lines == 0

    def no_secret_is_kept(self) -> None:
        """Neither what was sent nor what was typed."""
        dump = self.world.kept.dump()
        identifiers = [_identifier(sms.text) for sms in self.identifier_sms()]
        secrets = {GOOD, GIRAFE, *PHONES, *(phone[3:] for phone in PHONES), *identifiers}
        secrets |= {identifier.replace("-", "") for identifier in identifiers}
        secrets |= {given.token for given in (*self.model.links, *self.model.sessions)}
        found = [(secret, dump[max(0, at - CONTEXT) : at]) for secret in secrets if (at := dump.find(secret)) >= 0]
        assert found == []
        reasons = {reason for _, reason in self.world.kept.lines()}
        assert not reasons & set(self.codes())


def _case(message_id: str) -> str:
    found = read_sms_id(message_id)
    assert found is not None
    return found[1]


def _identifier(text: str) -> str:
    return text.split("\n", maxsplit=1)[0].rpartition(" ")[2]
