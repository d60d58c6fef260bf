"""Runs the product in separate processes, as an operator does."""

from tests.conformance.html_page import HtmlPage
from tests.conformance.raw_http import exchange, read_response
from tests.conformance.waiting import DidNotHappen, eventually, in_parallel
from tests.support.product.demo import LIGHT_HASHES_AND_NO_HELP, NO_HELP, VOTERS, Demo, demo
from tests.support.product.inside import Inside, inside
from tests.support.product.installation import (
    HERE,
    SECONDS_OF_A_CLAIM,
    Installation,
    Place,
    answers,
    gateway,
    hosts,
    installation,
    relay,
)
from tests.support.product.ports import free_port, listens
from tests.support.product.preloaded import said
from tests.support.product.processes import (
    RETROUVE,
    SECONDS_TO_START,
    SECONDS_TO_STOP,
    alive,
    descendants,
    judged,
    put_down,
    worked,
)
from tests.support.product.site import (
    CHOOSE,
    CONFIRM,
    MESSAGE,
    SPACE,
    DemoMail,
    DemoVoter,
    RunningProduct,
    SiteBrowser,
    e164,
    french_time,
)
