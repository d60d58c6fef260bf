"""The list of the flows: the one place outside a flow's folder that names it."""

from collections.abc import Mapping, Sequence

from core.flows.account.services import StopChangeServices, VoterSpaceServices
from core.flows.flow_services import FlowContribution
from core.flows.identifier.services import IdentifierServices
from core.flows.password.services import PasswordServices
from core.forms.model import Flow
from core.policy.policy import Policy

FLOWS: tuple[type[FlowContribution], ...] = (
    PasswordServices,
    VoterSpaceServices,
    IdentifierServices,
    StopChangeServices,
)
"""The flows; a visitor begins with the first one."""


def states_by_flow(registered: Sequence[type[FlowContribution]] = FLOWS) -> Mapping[str, object]:
    """The states that the cases of each flow can be in, by the flow's slug."""
    return {each.slug: each.states for each in registered if each.states is not None}


def define_flows(policy: Policy, registered: Sequence[type[FlowContribution]] = FLOWS) -> tuple[Flow, ...]:
    """Return the definitions under that policy, in order."""
    return tuple(each.define(policy) for each in registered)
