"""Self-test of the attacker on a small site: it must find each planted defect, and nothing on the sound site."""

from collections.abc import Callable

from conformance.attack.planted_defect_site_server import serve_planted_defect_site
from conformance.attack.planted_defects_and_site_state import ADAPTER, DEFECTS
from conformance.attack.product_site_description import read_site_adapter
from conformance.attack.random_attack_walk import SEQUENCES_A_VICTIM, AttackWalk
from conformance.attack.walk_report import WalkReport

SEED, SEQUENCES = 1, 6_000
SOUND, PATIENCE = "sound", 5
"""The small site has sent a message before it answers."""


def walk_on_small_site(defect: str, seed: int = SEED, sequences: int = SEQUENCES) -> WalkReport:
    """Walk on a small site with that defect until something is found."""
    with serve_planted_defect_site(defect, voters=3 * (sequences // SEQUENCES_A_VICTIM)) as product:
        return AttackWalk(
            product, read_site_adapter(ADAPTER), seed, sequences, until_found=True, patience=PATIENCE
        ).run()


def run_attacker_self_test(say: Callable[[str], None]) -> list[str]:
    """Walk on the sound site and on each defective one; return where the result is wrong."""
    missed = []
    for defect in ("", *DEFECTS):
        report = walk_on_small_site(defect)
        say(f"{defect or SOUND}: {report.sequences} sequences, {sorted(report.broken_invariants) or 'nothing'}")
        if bool(defect) != bool(report.findings):
            missed.append(defect or SOUND)
    return missed
