"""Runs `python -m tests.conformance walk`: a random attacker against a running product."""

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
SOUND = "sound"
PATIENCE = 5
"""Seconds that a voter waits for a message on the small site, which sends messages before it answers."""


def argument_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m tests.conformance walk",
        description="Attacks a site at random while honest voters use it. It uses each fictional voter once. "
        "The limits by network must be off.",
        epilog=f"{SELF_TEST} alone searches a small site for planted defects, and needs no product.",
    )
    add_product_options(parser)
    parser.add_argument(
        "--sequences", type=int, default=SEQUENCES, help="number of attack sequences (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=SystemRandom().randrange(SEEDS), help="seed of an earlier walk, to repeat it"
    )
    parser.add_argument(
        "--adapter", type=Path, default=CONTRACT, help="file that describes the product's pages (default: %(default)s)"
    )
    parser.add_argument(
        "--workers", type=int, default=WORKERS, help="number of attackers at the same time (default: %(default)s)"
    )
    return parser


def walk(arguments: list[str]) -> int:
    """Run a random attack walk. Returns 0 if every invariant held."""
    if SELF_TEST in arguments:
        missed = run_self_test()
        print_line(f"missed: {', '.join(missed)}" if missed else "every planted defect was found, and nothing else")
        return bool(missed)
    options = argument_parser().parse_args(arguments)
    for ends in (signal.SIGINT, signal.SIGTERM):  # a shell makes background processes ignore SIGINT
        signal.signal(ends, signal.default_int_handler)
    adapter = read_site_adapter(options.adapter)
    report = AttackWalk(
        product_from_options(options), adapter, options.seed, options.sequences, options.workers, say=print_line
    ).run()
    print_line(str(report))
    return bool(report.findings)


def walk_on_small_site(defect: str, seed: int = SELF_TEST_SEED, sequences: int = SELF_TEST_SEQUENCES) -> WalkReport:
    """Walk on the small site with a planted defect, until something is found."""
    with serve_planted_defect_site(defect, voters=3 * (sequences // SEQUENCES_A_VICTIM)) as product:
        adapter = read_site_adapter(ADAPTER)
        return AttackWalk(product, adapter, seed, sequences, until_found=True, patience=PATIENCE).run()


def run_self_test() -> list[str]:
    """Walk on the sound small site and on each site with a defect.

    Returns the walks that missed a planted defect, or that found one on the sound site.
    """
    missed = []
    for defect in ("", *DEFECTS):
        report = walk_on_small_site(defect)
        found = sorted(report.broken_invariants) or "nothing"
        print_line(f"{defect or SOUND}: {report.sequences} sequences, {found}")
        if bool(defect) != bool(report.findings):
            missed.append(defect or SOUND)
    return missed


def print_line(line: str) -> None:
    print(line, file=sys.stdout, flush=True)  # noqa: T201  # the command's output
