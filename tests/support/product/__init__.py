"""The product in separate processes, started as by its operator and stopped by pid."""

from conformance.html_page import HtmlPage
from conformance.raw_http import exchange, read_response
from tests.support.product.browser import CHOOSE, CONFIRM, MESSAGE, SPACE, SiteBrowser
from tests.support.product.conformance import judged
from tests.support.product.demo import LIGHT_HASHES, LIGHT_HASHES_AND_NO_HELP, NO_HELP, VOTERS, Demo, demo
from tests.support.product.hosts import hosts
from tests.support.product.inside import Inside, inside
from tests.support.product.installation import HERE, Installation, Place, answers, gateway, installation, relay
from tests.support.product.ports import free_port, listens
from tests.support.product.post import DemoMail, DemoVoter
from tests.support.product.preloaded import said
from tests.support.product.processes import (
    RETROUVE,
    SECONDS_TO_START,
    SECONDS_TO_STOP,
    alive,
    descendants,
    put_down,
    worked,
)
from tests.support.product.reissuing import e164
from tests.support.product.site import RunningProduct
from tests.support.product.waiting import SECONDS_OF_A_CLAIM, DidNotHappen, eventually, in_parallel

__all__ = [
    "CHOOSE",
    "CONFIRM",
    "HERE",
    "LIGHT_HASHES",
    "LIGHT_HASHES_AND_NO_HELP",
    "MESSAGE",
    "NO_HELP",
    "RETROUVE",
    "SECONDS_OF_A_CLAIM",
    "SECONDS_TO_START",
    "SECONDS_TO_STOP",
    "SPACE",
    "VOTERS",
    "Demo",
    "DemoMail",
    "DemoVoter",
    "DidNotHappen",
    "HtmlPage",
    "Inside",
    "Installation",
    "Place",
    "RunningProduct",
    "SiteBrowser",
    "alive",
    "answers",
    "demo",
    "descendants",
    "e164",
    "eventually",
    "exchange",
    "free_port",
    "gateway",
    "hosts",
    "in_parallel",
    "inside",
    "installation",
    "judged",
    "listens",
    "put_down",
    "read_response",
    "relay",
    "said",
    "worked",
]
