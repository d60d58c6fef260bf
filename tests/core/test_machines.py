"""The real services in any order, by machines of hypothesis: the forgotten password alone, then both flows together."""

from hypothesis import settings

from tests.support.recoveries import Recoveries
from tests.support.reissue_machine import BothFlows


class BothFlowsOnSqlite(BothFlows):
    """The same on a file: fewer runs, the suite of persistence holds the two stores together."""

    kind = "sqlite"


TestRecoveries = Recoveries.TestCase
TestRecoveries.settings = settings(max_examples=60, stateful_step_count=40)
TestBothFlows = BothFlows.TestCase
TestBothFlows.settings = settings(max_examples=40, stateful_step_count=50)
TestBothFlowsOnSqlite = BothFlowsOnSqlite.TestCase
TestBothFlowsOnSqlite.settings = settings(max_examples=5, stateful_step_count=30)
