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
        description="Tests a site only by HTTP, mail and SMS. It uses each fictional voter once.",
        epilog="With `walk` before the options, a random attacker uses the site instead (walk --help). "
        "Arguments after -- are for pytest, for example: -- -x -k link. Addresses may be paths of the site.",
    )
    add_product_options(parser)
    lacks = "; ".join(f"{name}: {words}" for name, words in LACKS.items())
    parser.add_argument(
        "--lacks", action="append", default=[], choices=LACKS, help=f"feature that the site lacks: {lacks}"
    )
    parser.add_argument("--throttled", action="store_true", help="run only the cases that need the limits by network")
    parser.add_argument("--case", action="append", default=[], type=int, help="run only the cases with this number")
    parser.add_argument("--keep", type=Path, help="write the run's secrets and voters to this file")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest")
    return parser


def main(arguments: list[str]) -> int:
    """Run the cases, or a random attack walk if the first argument is "walk". Returns 0 if no fault was found."""
    if arguments[:1] == ["walk"]:
        return walk(arguments[1:])
    options = argument_parser().parse_args(arguments)
    options.replies = "" if "replies" in options.lacks else options.replies
    product = product_from_options(options)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    chosen = ["-k", " or ".join(f"case_{number}_" for number in options.case)] if options.case else []
    place = [str(HERE / "cases"), "-c", str(HERE / "pytest.ini"), "-p", "no:cacheprovider"]
    plugin = ApplicableCasesPlugin(product, options.lacks, throttled=options.throttled)
    status = pytest.main([*place, *chosen, *options.pytest], plugins=[plugin])
    if options.keep is not None:
        options.keep.write_text(json.dumps({"secrets": sorted(product.secrets), "voters": product.used}), "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
