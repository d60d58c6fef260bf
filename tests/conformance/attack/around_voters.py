"""Plays one block of attack sequences. An attacker with several accounts attacks a few honest voters in turn."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from random import Random

from tests.conformance.attack.attacker import Attacker
from tests.conformance.attack.attacker_account import AttackerAccount
from tests.conformance.attack.honest_voter import HonestVoter
from tests.conformance.attack.invariant_judge import SPENT, InvariantJudge, InvariantViolated
from tests.conformance.attack.product_site_description import ProductSiteDescription
from tests.conformance.attack.recording_browser import HttpExchange, RecordingBrowser, send_all_at_once
from tests.conformance.attack.simulated_voter import LAST, SimulatedVoter, VoterDisturbed
from tests.conformance.attack.walk_report import WalkFinding, WalkReport, describe_request
from tests.conformance.product import Product
from tests.conformance.raw_http import exchange, path_of
from tests.conformance.waiting import DidNotHappen

ANSWERS_FIRST, MOST_ACTS = (0, 0, 0, 1, 2, 3, 5), 4
"""Number of pages to answer at the beginning of a sequence, and maximum number of other actions after that.

Answering some pages first makes a sequence begin deep in the site.
"""
MOST_AT_ONCE = 4
TRAIL = 25
"""Number of actions that the report of a finding lists."""
SAME = 0.6
"""Probability that simultaneous requests are the same action. Sign-ins are excluded, because they are expensive."""
GUESSES = 4
"""Number of invented addresses for which a password is tried in one action."""
SEQUENCES_A_SIGN_IN, LOOKS = 4, 0.5
"""Number of sequences per password attempt, and probability that the victim checks their pages after a sequence."""
RACING = 0.3
"""Probability that an honest voter acts at the same time as the attacker."""
WEIGHTS = {
    "answer": 22,
    "foreign": 9,
    "open": 3,
    "link": 6,
    "replay": 6,
    "repeat sign-in": 2,
    "tamper": 9,
    "cookies": 4,
    "method": 2,
    "sms": 1,
    "desk": 5,
    "guess": 2,
    "at once": 3,
}
"""Relative frequencies of the attacker's actions. Sending the form of a step out of order has the weight 1."""
STAYS_LONGER, LONGER = {"begin_reissue", "prove_identity"}, 3
PASSWORD_MOVES = 4
"""Number of moves with which a voter gets a password."""


@dataclass(frozen=True)
class WalkParticipants:
    """The attacker and the honest voters of one block."""

    number: int
    seed: int
    victims: Sequence[HonestVoter]
    own: Sequence[HonestVoter]
    """Voters whose accounts belong to the attacker."""
    accounts: Sequence[AttackerAccount]
    paths: dict[str, str]


@dataclass
class AttackAroundHonestVoters:
    """Plays the attack sequences of one block."""

    product: Product
    adapter: ProductSiteDescription
    baseline: HonestVoter
    """A voter who has gone through the site without being attacked. Victims are compared with this voter."""
    cast: WalkParticipants
    report: WalkReport
    until_found: bool = False
    """Whether to stop at the first finding in any block."""
    _trail: list[str] = field(default_factory=list)

    def play(self, sequences_per_victim: int) -> None:
        """Play some sequences against each victim in turn. A finding ends the sequences against the victim."""
        self._judge = InvariantJudge(self.product, self.adapter, self.cast.paths, self.cast.accounts)
        self._attacker = Attacker(self.product, self.adapter, self.cast.paths, self.cast.accounts)
        try:
            self._prepare()
            self._play(sequences_per_victim)
        finally:
            for client in (*self._attacker.clients, *(each.client for each in (*self.cast.victims, *self.cast.own))):
                client.close()

    def _play(self, sequences: int) -> None:
        for place, victim in enumerate(self.cast.victims):
            self._attacker.victims.append(victim)
            self._judge.voters.append(victim)
            self._attacker.sign_ins_left = sequences // SEQUENCES_A_SIGN_IN
            for number in range(sequences):
                if self.until_found and self.report.findings:
                    return
                sequence = place * sequences + number
                self._attacker.random = self._random = Random(f"{self.cast.seed}:{self.cast.number}:{sequence}")  # noqa: S311  # drawn again from the same seed
                broken = self._broken_in_sequence(victim, number, sequences)
                if broken is None:
                    self.report.finish_sequence(None)
                else:
                    trail = tuple(self._trail[-TRAIL:])
                    self.report.finish_sequence(WalkFinding(self.cast.number, sequence, *broken, trail))
                    break

    def _prepare(self) -> None:
        """Set a password for all of the attacker's accounts except one."""
        for own, account in zip(self.cast.own[1:], self.cast.accounts[1:], strict=True):
            for _ in range(PASSWORD_MOVES):
                own.do_next_move()
            account.password, account.epoch = own.password, 1
            self._attacker.use_account(own.client, account)

    def _broken_in_sequence(self, victim: HonestVoter, number: int, sequences: int) -> tuple[str, str] | None:
        """Play one sequence. Returns the broken invariant and a description, or None if all invariants hold."""
        try:
            self._sequence(victim, number, sequences)
        except InvariantViolated as violated:
            return violated.invariant, str(violated)
        except VoterDisturbed as disturbed:
            return SPENT, f"{SPENT}: {disturbed}"
        return None

    # ── One sequence ─────────────────────────────────────────────────────────────────────────────────────

    def _sequence(self, victim: HonestVoter, number: int, sequences: int) -> None:
        client = self._attacker.pick_browser()
        self._note(f"— sequence {number} in the name of {self._attacker.owner_of(client).voter.email}")
        while self._due(victim, number, sequences):
            self._move(victim, client)
        for _ in range(self._random.choice(ANSWERS_FIRST)):
            self._act(client, "answer")
        for _ in range(self._random.randint(1, MOST_ACTS)):
            self._act(client)
        if self._random.random() < LOOKS:
            victim.check_last_page()
        if number == sequences - 1:
            while victim.moves_left:
                self._move(victim, client)
            victim.check_last_page()
            victim.check_at_the_end()
            self._judge.require_code_for_each_identifier()
            victim.sign_out()

    def _due(self, victim: HonestVoter, number: int, sequences: int) -> bool:
        """Return whether the victim should move on. Victims stay longest at steps that count codes and attempts."""
        if not victim.moves_left:
            return False
        stays = [LONGER if move.__name__ in STAYS_LONGER else 1 for move in victim.planned_moves]
        done = len(victim.planned_moves) - victim.moves_left
        return sum(stays[:done]) * sequences <= number * (sum(stays) + 1)

    def _move(self, victim: HonestVoter, client: RecordingBrowser) -> None:
        """Let the victim do the next move, either alone or at the same time as an action of the attacker."""
        self._note(f"the victim moves on from {self.adapter.step(victim.pages.get(LAST))}")
        if self._random.random() < RACING:
            with ThreadPoolExecutor(1) as mover:  # waits for the victim, whatever the attacker finds meanwhile
                moved = mover.submit(victim.do_next_move)
                self._act(client, "at once")
            moved.result()
        else:
            victim.do_next_move()
        for step, tries in victim.tries.items():
            if tries != self.baseline.tries[step]:
                raise VoterDisturbed(f"at {step} «{tries}» instead of «{self.baseline.tries[step]}»")

    def _act(self, client: RecordingBrowser, act: str = "") -> None:
        acts = self._attacker.actions_by_name
        weights = {**dict.fromkeys(acts, 1), **WEIGHTS}
        act = act or self._random.choices(list(weights), list(weights.values()))[0]
        step = self.adapter.step(client.page)
        if act == "sms":
            self._answer_by_sms(step)
            return
        if act == "guess":
            self._guess_at_invented_addresses(step)
            return
        if act == "at once":
            exchanges = self._at_once(client)
        else:
            request = acts[act](client)
            self._attacker.remember_request(client, request)
            exchanges = [client.exchange(act, request)]
        self.report.count_act(step, act, exchanges)
        for each in exchanges:
            self._note(f"{step} {act}: {describe_request(each)} → {each.page.status} {self.adapter.step(each.page)}")
        self._judge.judge(exchanges)

    def _at_once(self, client: RecordingBrowser) -> list[HttpExchange]:
        """Do several actions at the same time, often the same one. Then continue with the browser of one of them."""
        acts, count = self._attacker.actions_by_name, self._random.randint(2, MOST_AT_ONCE)
        same = self._random.random() < SAME and self.adapter.step(client.page) != self.adapter.sign_in_step
        names = ["answer"] * count if same else self._random.choices(list(acts), k=count)
        sendings = [(client, name, acts[name](client)) for name in names]
        exchanges = send_all_at_once(sendings)
        last = self._random.choice(exchanges)
        client.set_cookies(last.held)
        client.page = last.page
        return exchanges

    def _answer_by_sms(self, step: str) -> None:
        """Answer an SMS with a code from one of the attacker's own telephones."""
        if not self.product.replies:
            return
        account = self._random.choice(self.cast.accounts)
        account.read_sms(self.product, self.adapter)
        code = self._random.choice([*account.codes[-2:], *self._attacker.spent_codes, "123456"])
        phone = self._random.choice(account.phones)
        self._judge.expect_sms_answer(account, code)
        with suppress(OSError, DidNotHappen):
            exchange(self.product.url, "POST", path_of(self.product.replies), {"number": phone, "text": code})
        self.report.count_act(step, "sms", [])
        self._note(f"{step} sms: {code} from {phone}")

    def _guess_at_invented_addresses(self, step: str) -> None:
        """Try passwords for addresses that are not on the roll, each with a new browser."""
        if not self.adapter.identifier_way:
            return
        for _ in range(GUESSES):
            email = f"invented.{self._random.randrange(10**9)}@{self.cast.victims[0].voter.email.partition('@')[2]}"
            invented = replace(self.cast.victims[0].voter, email=email)
            neighbour = SimulatedVoter(self.product, self.adapter, invented, "", self._attacker.new_password())
            with closing(neighbour.client):
                neighbour.guess_password()
        self.report.count_act(step, "guess", [])
        self._note(f"{step} guess: passwords for {GUESSES} invented addresses")

    def _note(self, line: str) -> None:
        self._trail = [*self._trail, line][-TRAIL:]
