"""Runs `python -m tests.conformance`: the cases, or a random attack walk, against a running product."""

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from tests.conformance.applicable_cases import LACKS, ApplicableCasesPlugin
from tests.conformance.attack.command import walk
from tests.conformance.product import add_product_options, product_from_options

HERE = Path(__file__).parent


def argument_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m tests.conformance",
        description="Judges a site by HTTP, mail and SMS only. It needs fictional voters, each of whom serves once.",
        epilog="`walk` before the options walks at random instead (walk --help). What follows -- goes to pytest, for instance: -- -x -k link. Addresses may be paths of the site.",
    )
    add_product_options(parser)
    lacks = "; ".join(f"{name}: {words}" for name, words in LACKS.items())
    parser.add_argument("--lacks", action="append", default=[], choices=LACKS, help=f"what it does not have: {lacks}")
    parser.add_argument("--throttled", action="store_true", help="its limits by network are in force: only their cases")
    parser.add_argument("--case", action="append", default=[], type=int, help="only the cases of that number")
    parser.add_argument("--keep", type=Path, help="a file for the run's secrets and voters, to be sought in your logs")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest")
    return parser


def main(arguments: list[str]) -> int:
    """Run the cases, or a random attack walk if the first argument is "walk". Returns 0 if no fault was found."""
    if arguments[:1] == ["walk"]:
        return walk(arguments[1:])
    told = argument_parser().parse_args(arguments)
    told.replies = "" if "replies" in told.lacks else told.replies
    product = product_from_options(told)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    chosen = ["-k", " or ".join(f"case_{number}_" for number in told.case)] if told.case else []
    place = [str(HERE / "cases"), "-c", str(HERE / "pytest.ini"), "-p", "no:cacheprovider"]
    judgement = ApplicableCasesPlugin(product, told.lacks, throttled=told.throttled)
    status = pytest.main([*place, *chosen, *told.pytest], plugins=[judgement])
    if told.keep is not None:
        told.keep.write_text(json.dumps({"secrets": sorted(product.secrets), "voters": product.used}), "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
