"""Checks the identifiers in a product's database after a test run."""

import re
from collections import defaultdict

from tests.support.product import RunningProduct, inside
from tests.support.product.site import IDENTIFIER

CASE = re.compile(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\.")
REISSUES = 3
IN_ORDER = """
SELECT voters.email, reissues."case", reissues.slot FROM reissues JOIN voters ON voters.id = reissues.voter
WHERE reissues.generation IS NOT NULL ORDER BY reissues.generation
"""


def identifiers_are_in_force(product: RunningProduct) -> int:
    """Compare every identifier that came by SMS with the voting platform. Returns the greatest number for one voter."""
    received = {}
    for text in product.texts(None):
        found, case = IDENTIFIER.search(text.text), CASE.search(text.text)
        if found is not None and case is not None:
            assert received.setdefault(case[0][:-1], found[0]) == found[0]
    cases, slots = defaultdict(list), defaultdict(list)
    for email, case, slot in product.rows(IN_ORDER):
        cases[email].append(case)
        slots[email] += [] if slot is None else [slot]
    voters = {voter.email: voter for voter in product.voters}
    with inside(product) as within:
        for email, own in cases.items():
            assert sorted(slots[email]) == sorted(set(slots[email]))[:REISSUES]
            votes = [within.votes(voters[email], received[case]) for case in own]
            assert votes == [False] * (len(own) - 1) + [True], email
    return max(map(len, cases.values()))
