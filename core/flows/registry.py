"""The list of all flows."""

from collections.abc import Mapping, Sequence

from core.flows.account.plugins import StopChangeFlowPlugin, VoterSpaceFlowPlugin
from core.flows.contact_desk.plugin import ContactFlowPlugin
from core.flows.flow_plugin import FlowPlugin
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms.flow_model import Flow
from core.policy.policy import Policy

FLOWS: tuple[type[FlowPlugin], ...] = (
    PasswordFlowPlugin,
    VoterSpaceFlowPlugin,
    IdentifierFlowPlugin,
    StopChangeFlowPlugin,
    ContactFlowPlugin,
)


def states_by_flow(flows: Sequence[type[FlowPlugin]] = FLOWS) -> Mapping[str, object]:
    return {plugin.slug: plugin.states for plugin in flows if plugin.states is not None}


def define_flows(policy: Policy, flow_plugin_types: Sequence[type[FlowPlugin]] = FLOWS) -> tuple[Flow, ...]:
    return tuple(plugin.define(policy).flow for plugin in flow_plugin_types)
