"""A Hypothesis state machine of both flows.

It plays voters, browsers, phones, mobile operators, a helpdesk and a voting platform.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from core.adapters.event_signing import journal_keys
from core.delivery.journal_sealer import JournalSealer
from core.delivery.sms_gateway_callbacks import FINAL_STATUSES, GatewayCallbackOutcome, report_tag
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.identifier.states import IdentifierSmsUndelivered
from core.forms import errors
from core.forms.errors import Refusal
from core.forms.flow_model import FormErrors
from core.journal.verification import JournalVerifier
from core.ports import (
    AgentRole,
    CodeRequestOutcome,
    EventType,
    IncomingSmsOutcome,
    ReissueRecord,
    Sms,
    SmsDeliveryStatus,
)
from core.ports.voting_platform import (
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformOutcomeUnknown,
    ReissueOrder,
)
from core.security.tokens import parse_sms_id
from tests.support.air import NO_GATEWAY, PUTS_OFF, REFUSES_SMS, TAKES
from tests.support.desk import signed_in_agent
from tests.support.election import GOOD, visit
from tests.support.machine import ANY, GIRAFE, POLICY, some
from tests.support.model import Given, ModelVoter
from tests.support.mortal import Killed
from tests.support.post import ACCEPTS
from tests.support.recoveries import RecoveryCases
from tests.support.reissues import BORN, CODE_SMS, IDENTIFIER_SMS, PlayedPlatform, identity, numen_of, verifies

PHONES = ("+33612345678", "+33687654321", "+33711223344")
"""Phone numbers. There are fewer phones than voters, so that voters share them."""
AWAY = PlatformOutcomeUnknown("time-out")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONTEXT = 40
ONE_IN = 6
"""One in this many times, a voter returns to a finished page, is frozen, or is removed from the roll."""


@dataclass
class Platform(PlayedPlatform):
    """A voting platform that may execute a request without answering it."""

    deaf: bool = False

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        """Execute a re-issue. If the platform is deaf, act as if it had not answered."""
        answer = super().reissue(reissue)
        return AWAY if self.deaf else answer


VOTERS_ACTS = st.tuples(
    st.sampled_from(["request", "prove", "mistake", "code", "code", "wrong-code", "again", "other-number", "by-sms"]),
    ANY,
    ANY,
)
OTHERS_ACTS = st.tuples(st.sampled_from(["report", "report", "courier", "desk-freezes", "voter-freezes"]), ANY, ANY)


class BothFlows(RecoveryCases):
    """Plays all actions of both flows, one after the other or interleaved, and checks invariants."""

    def __init__(self) -> None:
        super().__init__()
        self.platform = Platform(self.world.services.platform)
        self.world.services.__dict__["platform"] = self.platform
        self.reported: dict[str, set[SmsDeliveryStatus]] = defaultdict(set)

    @initialize()
    def desk(self) -> None:
        """Sign in an agent and a supervisor at the helpdesk."""
        self.agent_session = signed_in_agent(self.world)
        self.supervisor = signed_in_agent(self.world, "robin", AgentRole.SUPERVISOR)

    # ── Those who want an identifier ─────────────────────────────────────────────────────────────────────

    @property
    def sms(self) -> list[Sms]:
        """All SMS that were sent to phones, including copies."""
        return self.world.air.taken

    def codes(self) -> list[str]:
        """Return the codes in the SMS sent so far, newest first."""
        return [sms.text[-6:] for sms in reversed(self.sms) if sms.message_id.startswith(CODE_SMS)]

    @rule(which=ANY)
    def arrive(self, which: int) -> None:
        """Sign in a voter, who chooses a password first if necessary."""
        person = self.model.people[which % len(self.model.people)]
        if person.frozen or person.removed:
            return
        if person.password is None:
            self.ask_and_be_answered(person.line.email)
            if not any(link.person is person and link.alive(self.now) for link in self.model.links):
                return
            self.choose(self._last_link_of(person), GOOD)
        self.sign_in(person.line.email, None)

    def _last_link_of(self, person: ModelVoter) -> int:
        ours = [n for n, link in enumerate(self.model.links) if link.person is person and link.alive(self.now)]
        return ours[-1]

    @some("sessions")
    @rule(act=VOTERS_ACTS)
    def one_act(self, act: tuple[str, int, int]) -> None:
        """A signed-in voter does one action of the flow, or answers an SMS."""
        self.perform(*act)

    @rule(which=ANY, pick=ANY)
    def order(self, which: int, pick: int) -> None:
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

    @rule(which=ANY, pick=ANY, says=st.sampled_from([SmsDeliveryStatus.UNDELIVERED] * 3 + sorted(FINAL_STATUSES)))
    def receive(self, which: int, pick: int, says: SmsDeliveryStatus) -> None:
        """A voter requests an identifier, and the operator reports on its SMS."""
        self.order(which, pick)
        self.courier(ACCEPTS)
        self._report(-1, list(SmsDeliveryStatus).index(says))

    @rule(which=ANY, pick=ANY)
    def telephone_is_off(self, which: int, pick: int) -> None:
        """A voter whose phone is off requests an identifier several times, and loses several SMS."""
        for _ in range(POLICY.reissues_given_back + 1):
            self.receive(which, pick, SmsDeliveryStatus.UNDELIVERED)

    def _alive(self) -> list[Given]:
        return [session for session in self.model.sessions if session.alive(self.now)]

    def perform(self, kind: str, which: int, pick: int) -> None:
        """Do one action. It may raise only a Refusal."""
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
        except (FormErrors, Refusal):
            pass
        else:
            assert alive

    def _answer(self, kind: str, session: Given, pick: int) -> None:
        steps, held = self.world.services.flows[IdentifierFlowPlugin].steps, visit(session=session.token)
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
        """Return one of the last three codes. If there is none, return a wrong code."""
        known = list(islice(self.codes(), 3))
        return known[pick % len(known)] if known and pick >= 0 else "000000"

    def _by_sms(self, which: int, pick: int) -> None:
        reply = self.world.services.flows[IdentifierFlowPlugin].receive_sms_answer(
            PHONES[which % len(PHONES)], f"code {self._a_code(pick)}"
        )
        assert reply in set(IncomingSmsOutcome)

    @rule(minutes=st.sampled_from([1, 1, 3, 11, 61, 300]))
    def wait(self, minutes: int) -> None:
        """The clock moves forward, for example beyond the life of a code or session."""
        self.world.clock.move(minutes=minutes)

    # ── Operators, gateways, the platform, the desk ──────────────────────────────────────────────────────

    @precondition(lambda self: self.sms)
    @rule(which=ANY, pick=ANY)
    def report(self, which: int, pick: int) -> None:
        """An operator sends a report about any SMS, in any order and perhaps repeatedly.

        A report with a forged tag changes nothing.
        """
        self._report(which, pick)
        message_id, events = self.sms[which % len(self.sms)].message_id, self.world.kept.events()
        assert (
            self.world.services.sms_gateway_callback_handler.handle_delivery_report(
                message_id, "forged", SmsDeliveryStatus.DELIVERED
            )
            is GatewayCallbackOutcome.FORGED
        )
        assert self.world.kept.events() == events

    def _report(self, which: int, pick: int) -> None:
        if not self.sms:
            return
        message_id, delivery = (
            self.sms[which % len(self.sms)].message_id,
            list(SmsDeliveryStatus)[pick % len(SmsDeliveryStatus)],
        )
        if message_id.startswith(IDENTIFIER_SMS) and delivery in FINAL_STATUSES:
            self.reported[_case(message_id)].add(delivery)
        tag = report_tag(self.world.dependencies.vault, message_id)
        heard = self.world.services.sms_gateway_callback_handler.handle_delivery_report(message_id, tag, delivery)
        assert heard in {GatewayCallbackOutcome.NOTED, GatewayCallbackOutcome.NOTED_BEFORE}

    @rule(gateways=st.sampled_from([TAKES] * 5 + [PUTS_OFF, NO_GATEWAY, REFUSES_SMS]))
    def gateways_change(self, gateways: object) -> None:
        """The gateways change their answer to SMS."""
        self.world.air.says = gateways  # type: ignore[assignment]  # an answer of the platform

    @rule(says=st.sampled_from([None] * 4 + [AWAY]), deaf=st.sampled_from([False] * 4 + [True]))
    def platform_changes(self, says: PlatformOutcomeUnknown | None, *, deaf: bool) -> None:
        """The voting platform starts to work, to fail, or to execute requests without answering."""
        self.platform.says, self.platform.deaf = says, deaf

    @rule(which=ANY)
    def freeze(self, which: int) -> None:
        """A voter freezes their own account with the link in a notice."""
        if self.model.stops and not which % ONE_IN:
            super().freeze(which // ONE_IN)

    @rule(which=ANY, pick=ANY)
    def order_and_disown(self, which: int, pick: int) -> None:
        """A voter orders an identifier, says with the link in the notice that it was someone else, and is unfrozen."""
        self.order(which, pick)
        before = len(self.model.stops)
        self.courier(ACCEPTS)
        if len(self.model.stops) == before:
            return
        super().freeze(-1)
        if pick % ONE_IN:
            self.courier(ACCEPTS)
            self.desk_opens_again(self.model.people.index(self.model.stops[-1][1]))

    @rule()
    def examine(self) -> None:
        self.rows_are_authentic()

    @rule(which=ANY)
    def desk_freezes(self, which: int) -> None:
        """The helpdesk freezes the account of a verified caller. A second time changes nothing."""
        person = self.model.people[which // ONE_IN % len(self.model.people)]
        if person.removed or which % ONE_IN:
            return
        desk = self.world.services.desk
        caller = desk.verification.verify(self.agent_session, person.id, BORN, numen_of(person.line.email))
        desk.freezing.freeze(self.agent_session, caller)
        person.life += not person.frozen
        person.frozen = True

    @rule(which=ANY)
    def desk_opens_again(self, which: int) -> None:
        """An agent and a supervisor unfreeze an account. Afterwards the account has no password."""
        person = self.model.people[which % len(self.model.people)]
        if person.removed or not person.frozen:
            return
        desk = self.world.services.desk
        caller = desk.verification.verify(self.agent_session, person.id, BORN, numen_of(person.line.email))
        with self.world.store.read() as transaction:
            supervisor = transaction.agents.by_name(self.supervisor.name)
        assert supervisor is not None
        signature = desk.authorisation.issue_supervisor_approval(supervisor, self.agent_session, person.id)
        desk.freezing.unfreeze(self.agent_session, caller, signature)
        person.life += 1
        person.frozen, person.password, person.reopened = False, None, self.now

    @rule(which=ANY)
    def change_the_roll(self, which: int) -> None:  # type: ignore[override]  # no change of address, because the NUMEN depends on it
        """A voter is removed from the roll."""
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
        """A second action runs between the reads and the writes of the first one."""
        self._within(later, lambda: self.perform(*second), lambda: self.perform(*first))

    @rule(which=ANY, pick=ANY, meanwhile=VOTERS_ACTS | OTHERS_ACTS, later=st.integers(0, 9))
    def while_a_courier_works(self, which: int, pick: int, meanwhile: tuple[str, int, int], later: int) -> None:
        """An action runs between two steps of the courier while it processes a new identifier."""
        self.order(which, pick)
        if not self.model.sessions:
            return
        self._within(later, lambda: self.perform(*meanwhile), lambda: self.courier(ACCEPTS))

    @rule(which=ANY, pick=ANY, later=st.integers(0, 9))
    def courier_dies(self, which: int, pick: int, later: int) -> None:
        """The courier is killed at one of its steps while it processes a new identifier."""

        def die() -> None:
            raise Killed

        self.order(which, pick)
        try:
            self._within(later, die, lambda: self.world.courier().run_once())
        except Killed:
            self.world.clock.move(minutes=2)

    def _within(self, later: int, act: Callable[[], object], around: Callable[[], object]) -> None:
        done = []

        def once() -> None:
            done.append(True)
            self.hear_new_mails()  # read the mails before the action changes their voters
            act()

        self.busy.meanwhile = [*[lambda: None] * later, once]
        try:
            around()
        finally:
            self.busy.meanwhile = []
            self.fell_within = bool(done)
        if not done:
            once()

    # ── What is always true ──────────────────────────────────────────────────────────────────────────────

    def records(self, person: ModelVoter) -> list[ReissueRecord]:
        with self.world.store.read() as transaction:
            return transaction.reissues.of_voter(person.id)

    def acts(self, case: str) -> set[tuple[EventType, str | None]]:
        return {(event.act, event.reason) for event in self.world.journal(case)}

    @invariant()
    def at_most_three_are_counted(self) -> None:
        """At most three re-issues of a voter count, each with its own number.

        The exception is a re-issue whose SMS was delivered after the re-issue had been given back.
        """
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
        """A re-issue that was given up or lost does not count, unless its SMS was delivered later."""
        acts = self.acts(record.case)
        if revoked := [reason or "" for act, reason in acts if act == EventType.IDENTIFIER_REVOKED]:
            assert record.slot is None or revoked[0].endswith("counted")
            return
        lost = (EventType.IDENTIFIER_LOST, "given-back") in acts or any(
            act == EventType.REISSUE_GIVEN_UP for act, _ in acts
        )
        found_again = SmsDeliveryStatus.DELIVERED in self.reported[record.case]
        assert (record.slot is None) == (lost and not found_again)
        assert record.slot is None or record.slot <= POLICY.reissues or (lost and found_again)

    @invariant()
    def no_voter_has_more_sent_than_allowed(self) -> None:
        """No voter gets more SMS per hour and per day than the policy allows.

        Codes that reached no gateway are not counted.
        """
        for person in self.model.people:
            with self.world.store.read() as transaction:
                sendings = transaction.code_sendings.of_voter(person.id, self.now - DAY)
            times = [each.at for each in sendings if each.outcome is not CodeRequestOutcome.WITHDRAWN]
            assert len(times) <= POLICY.sms_per_voter_per_day
            assert all(
                sum(first <= at < first + HOUR for at in times) <= POLICY.sms_per_voter_per_hour for first in times
            )

    @invariant()
    def one_phone_serves_one_voter(self) -> None:
        """All identifiers that were sent to a phone belong to one voter."""
        owners = defaultdict(set)
        with self.world.store.read() as transaction:
            for sms in self.identifier_sms():
                owners[sms.recipient].add(transaction.recoveries.voter_of(_case(sms.message_id)))
        assert all(len(voters) == 1 for voters in owners.values())

    def identifier_sms(self) -> list[Sms]:
        return [sms for sms in self.sms if sms.message_id.startswith(IDENTIFIER_SMS)]

    @invariant()
    def the_former_identifier_is_dead(self) -> None:
        """Only a voter's newest identifier can vote, and all SMS of a case have the same text."""
        texts = defaultdict(set)
        for sms in self.identifier_sms():
            texts[_case(sms.message_id)].add(sms.text)
        assert all(len(each) == 1 for each in texts.values())
        for person in self.model.people:
            pseudonym = self.world.services.platform_pseudonyms.platform_pseudonym(person.line.pseudonym)
            with self.world.store.read() as transaction:
                standing = transaction.registry.find(pseudonym)
            records = self.records(person)
            acts = {record.case: {act for act, _ in self.acts(record.case)} for record in records}
            disowned = sum(EventType.IDENTIFIER_DISOWNED in each for each in acts.values())
            assert standing is None or standing.generation <= len(records) + disowned, (
                "an identifier that nobody ordered"
            )
            for record in records:
                for text in texts[record.case]:
                    in_force = standing is not None and standing.generation == record.generation and not standing.frozen
                    in_force &= EventType.IDENTIFIER_REVOKED not in acts[record.case]
                    assert verifies(self.world, _identifier(text), pseudonym) == in_force

    # ── At the end ───────────────────────────────────────────────────────────────────────────────────────

    def settle(self) -> None:
        """Let everything end. Then check that Retrouve and the platform agree, and that the journal is intact.

        Also check that no secret is stored.
        """
        self.world.air.says, self.platform.says, self.platform.deaf = TAKES, None, False
        super().settle()
        if not self.model.people:
            return
        self.at_most_three_are_counted()
        self.the_former_identifier_is_dead()
        assert all(record.ended is not None for person in self.model.people for record in self.records(person))
        unsure = [person for person in self.model.people if any(map(self._nobody_knows, self.records(person)))]
        assert len(self.world.services.platform_comparison.compare_accounts().differences) <= len(unsure)
        self.journal_verifies()
        self.no_secret_is_kept()

    def _nobody_knows(self, record: ReissueRecord) -> bool:
        """Return whether a re-issue was lost before the platform's result was known."""
        with self.world.store.read() as transaction:
            case = transaction.recoveries.by_number(record.case)
        return record.generation is None and case is not None and isinstance(case.state, IdentifierSmsUndelivered)

    def journal_verifies(self) -> None:
        notary = JournalSealer(dependencies=self.world.dependencies, board=None)
        while notary.seal():
            pass
        keys = journal_keys(self.world.dependencies.vault)
        with self.world.store.read() as transaction:
            examination = JournalVerifier(transaction.chain, keys)
            assert list(examination.findings()) == []
            assert examination.tail.waiting == 0

    def no_secret_is_kept(self) -> None:
        """Check that the database contains no identifier, code, password, token or phone number in clear text."""
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
    found = parse_sms_id(message_id)
    assert found is not None
    return found.case


def _identifier(text: str) -> str:
    return text.split("\n")[1].rpartition(" ")[2]
