"""Runs sequences of random actions against a product while honest voters use it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from random import Random, SystemRandom

from tests.conformance.attack.around_voters import AttackAroundHonestVoters, WalkParticipants
from tests.conformance.attack.attacker_account import AttackerAccount
from tests.conformance.attack.honest_voter import HonestVoter
from tests.conformance.attack.invariant_judge import SPENT
from tests.conformance.attack.product_site_description import ProductSiteDescription
from tests.conformance.attack.simulated_voter import VoterDisturbed
from tests.conformance.attack.walk_report import WalkFinding, WalkReport
from tests.conformance.product import Product
from tests.conformance.waiting import SECONDS_FOR_A_MAIL

VICTIMS, ACCOUNTS = 3, 3
SEQUENCES_A_VICTIM = 25
"""Maximum number of sequences per voter. More would find nothing new, because the voter's counters are full."""
COLOURS = ("gris", "vert", "brun")
"""Colours that passwords contain.

A voter whose name is a colour gets another colour, because a password must not contain the voter's name.
"""
WORKERS = 4
SWITCHED_OFF = 0.3
"""Share of the attacker's accounts that have a second telephone, which receives nothing."""


@dataclass
class AttackWalk:
    """A walk of a given number of sequences. It is split into parallel blocks, each with voters of its own."""

    product: Product
    adapter: ProductSiteDescription
    seed: int
    sequences: int
    workers: int = WORKERS
    until_found: bool = False
    """Whether to stop at the first finding."""
    patience: float = SECONDS_FOR_A_MAIL
    """Number of seconds that an honest voter waits for a page or a message."""
    say: Callable[[str], None] = lambda _: None
    _phones: set[str] = field(default_factory=set)

    def run(self) -> WalkReport:
        """Walk, and return the report. If the walk is interrupted, return the report so far."""
        random = Random(f"{self.seed}")  # noqa: S311  # drawn again from the same seed
        report = WalkReport(self.seed)
        first = self.new_voter(random)
        try:
            with closing(first.client):
                first.walk_to_the_end()
        except VoterDisturbed as disturbed:
            report.finish_sequence(WalkFinding(0, 0, SPENT, f"before anybody attacked: {disturbed}", ()))
            return report
        casts = self.participants(random, first)
        self.say(f"--seed {self.seed}: {self.sequences} sequences in {len(casts)} blocks")
        share = -(-self.sequences // (len(casts) * VICTIMS))

        def play(cast: WalkParticipants) -> None:
            if self.until_found and report.findings:
                for voter in (*cast.victims, *cast.own):
                    voter.client.close()
                return
            block = AttackAroundHonestVoters(self.product, self.adapter, first, cast, report, self.until_found)
            block.play(share)

        with ThreadPoolExecutor(self.workers) as pool:
            try:
                list(pool.map(play, casts))
            except KeyboardInterrupt:
                self.say("interrupted: the blocks that are under way are played to their end")
                pool.shutdown(cancel_futures=True)
        return report

    def participants(self, random: Random, baseline: HonestVoter) -> list[WalkParticipants]:
        """Return the participants of each block, as far as there are enough sequences and voters.

        `baseline` is the voter who is not attacked.
        """
        wanted = -(-self.sequences // (VICTIMS * SEQUENCES_A_VICTIM))
        casts: list[WalkParticipants] = []
        while len(casts) < wanted:
            try:
                victims = [self.new_voter(random) for _ in range(VICTIMS)]
                own = [self.new_voter(random) for _ in range(ACCOUNTS)]
            except AssertionError:  # no voter is left
                if not casts:
                    raise
                break
            page = baseline.pages.get(self.adapter.signed_in)
            shown = page is not None and baseline.name in page.text
            accounts = []
            for each in own:
                phones = [each.phone, self._phone()]
                if random.random() < SWITCHED_OFF:
                    phones.append(self._phone(self.product.switched_off))
                accounts.append(AttackerAccount(each.voter, phones, each.name if shown else ""))
            casts.append(WalkParticipants(len(casts), self.seed, victims, own, accounts, baseline.form_action_by_step))
        return casts

    def new_voter(self, random: Random) -> HonestVoter:
        voter = self.product.take_unused_voter()
        known = f"{voter.email} {voter.first_name} {voter.last_name}".casefold()
        colour = random.choice([each for each in COLOURS if each not in known])
        password = f"Velours {colour} {random.randrange(10**6):06d}"
        honest = HonestVoter(self.product, self.adapter, voter, self._phone(), password)
        honest.patience = self.patience
        return honest

    def _phone(self, ending: str = "") -> str:
        """Return a telephone number that has not been used yet."""
        while True:
            number = f"+3361{SystemRandom().randrange(10**7):07d}"
            number = number[: len(number) - len(ending)] + ending
            off = not ending and number.endswith((self.product.switched_off, self.product.barred))
            if not off and number not in self._phones:
                self._phones.add(number)
                return number
