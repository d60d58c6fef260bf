"""`python -m tests.conformance walk`: a random attacker against a running product."""

import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from random import SystemRandom

from tests.conformance.attack.planted_defects import ADAPTER, DEFECTS
from tests.conformance.attack.planted_server import serve_planted_defect_site
from tests.conformance.attack.product_site_description import CONTRACT, read_site_adapter
from tests.conformance.attack.random_attack_walk import SEQUENCES_A_VICTIM, WORKERS, AttackWalk
from tests.conformance.attack.walk_report import WalkReport
from tests.conformance.product import add_product_options, product_from_options

SEQUENCES = 50_000
SEEDS = 10**6
SELF_TEST = "--self-test"
SELF_TEST_SEED, SELF_TEST_SEQUENCES = 1, 6_000
SOUND, PATIENCE = "sound", 5
"""The small site sends messages before it answers, so waiting is unnecessary."""


def argument_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m tests.conformance walk",
        description="Attacks a site at random, around honest voters who go their way. It needs fictional voters, each of "
        "whom serves once, and limits by network that are lifted.",
        epilog=f"{SELF_TEST} alone looks for the defects that are planted in a small site, and needs no product.",
    )
    add_product_options(parser)
    parser.add_argument("--sequences", type=int, default=SEQUENCES, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(SEEDS), help="that of a former walk")
    parser.add_argument(
        "--adapter", type=Path, default=CONTRACT, help="what the product's pages are called (default: %(default)s)"
    )
    parser.add_argument(
        "--workers", type=int, default=WORKERS, help="how many attackers at once (default: %(default)s)"
    )
    return parser


def walk(arguments: list[str]) -> int:
    """Run a random walk. Returns 0 if every invariant held."""
    if SELF_TEST in arguments:
        missed = run_self_test()
        print_line(f"missed: {', '.join(missed)}" if missed else "every planted defect was found, and nothing else")
        return bool(missed)
    told = argument_parser().parse_args(arguments)
    for ends in (signal.SIGINT, signal.SIGTERM):  # a shell ignores SIGINT for what it starts in the background
        signal.signal(ends, signal.default_int_handler)
    adapter = read_site_adapter(told.adapter)
    report = AttackWalk(
        product_from_options(told), adapter, told.seed, told.sequences, told.workers, say=print_line
    ).run()
    print_line(str(report))
    return bool(report.findings)


def walk_on_small_site(defect: str, seed: int = SELF_TEST_SEED, sequences: int = SELF_TEST_SEQUENCES) -> WalkReport:
    """Walk on the small site with that defect until something is found."""
    with serve_planted_defect_site(defect, voters=3 * (sequences // SEQUENCES_A_VICTIM)) as product:
        adapter = read_site_adapter(ADAPTER)
        return AttackWalk(product, adapter, seed, sequences, until_found=True, patience=PATIENCE).run()


def run_self_test() -> list[str]:
    """Walk on the sound site and on each defective one. Returns the walks that did not find exactly the planted defect."""
    missed = []
    for defect in ("", *DEFECTS):
        report = walk_on_small_site(defect)
        found = sorted(report.broken_invariants) or "nothing"
        print_line(f"{defect or SOUND}: {report.sequences} sequences, {found}")
        if bool(defect) != bool(report.findings):
            missed.append(defect or SOUND)
    return missed


def print_line(line: str) -> None:
    """Print a line and flush."""
    print(line, file=sys.stdout, flush=True)  # noqa: T201  # the command's output
