"""One class for each message that can refuse a person something, in a module for each subject.

There are two families. A `FieldRejected` (core.forms.flow_model) concerns one field, to be typed again. A `Refusal` concerns the whole
action; it says what happened and what to do now. Ids are stable: help pages, log lines and tests name them.
"""

from core.forms.errors import (
    account,
    agent_input_and_desk_requests,
    call_backs_and_hand_overs,
    identity_phone_and_code,
    links_from_messages,
    new_password,
    refused_by_desk_daemon,
    reissue,
    request_to_desk,
    sign_in,
    site_requests,
)
from core.forms.errors.account import *
from core.forms.errors.agent_input_and_desk_requests import *
from core.forms.errors.call_backs_and_hand_overs import *
from core.forms.errors.error_families import *
from core.forms.errors.identity_phone_and_code import *
from core.forms.errors.links_from_messages import *
from core.forms.errors.new_password import *
from core.forms.errors.refused_by_desk_daemon import *
from core.forms.errors.reissue import *
from core.forms.errors.request_to_desk import *
from core.forms.errors.sign_in import *
from core.forms.errors.site_requests import *

SUBJECTS = (
    sign_in,
    new_password,
    identity_phone_and_code,
    links_from_messages,
    account,
    reissue,
    agent_input_and_desk_requests,
    refused_by_desk_daemon,
    call_backs_and_hand_overs,
    request_to_desk,
    site_requests,
)
"""The modules with errors, in the order of the help pages."""
