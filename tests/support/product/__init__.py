"""The product in processes of its own, started as its operator starts it, watched from outside, stopped by pid."""

from tests.support.product.browser import CHOOSE, MESSAGE, SPACE, Browser
from tests.support.product.demo import VOTERS, Demo, demo
from tests.support.product.hosts import hosts
from tests.support.product.inside import Inside, inside
from tests.support.product.installation import HERE, Installation, Place, gateway, installation, relay
from tests.support.product.ports import free_port, listens
from tests.support.product.post import NEITHER, Mail, Voter
from tests.support.product.processes import (
    RETROUVE,
    SECONDS_TO_START,
    SECONDS_TO_STOP,
    alive,
    descendants,
    put_down,
    worked,
)
from tests.support.product.reissuing import Reissuing, e164, reissuing
from tests.support.product.site import Product
from tests.support.product.waiting import SECONDS_FOR_A_MAIL, SECONDS_OF_A_CLAIM, DidNotHappen, eventually, together
from tests.support.product.warm import said
from tests.support.product.wire import Answer, Call, answer_on, answers, at_once, exchange

__all__ = [
    "CHOOSE",
    "HERE",
    "MESSAGE",
    "NEITHER",
    "RETROUVE",
    "SECONDS_FOR_A_MAIL",
    "SECONDS_OF_A_CLAIM",
    "SECONDS_TO_START",
    "SECONDS_TO_STOP",
    "SPACE",
    "VOTERS",
    "Answer",
    "Browser",
    "Call",
    "Demo",
    "DidNotHappen",
    "Inside",
    "Installation",
    "Mail",
    "Place",
    "Product",
    "Reissuing",
    "Voter",
    "alive",
    "answer_on",
    "answers",
    "at_once",
    "demo",
    "descendants",
    "e164",
    "eventually",
    "exchange",
    "free_port",
    "gateway",
    "hosts",
    "inside",
    "installation",
    "listens",
    "put_down",
    "reissuing",
    "relay",
    "said",
    "together",
    "worked",
]
