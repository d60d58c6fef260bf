"""One class for each message that can refuse a person something, in a module for each subject.

There are two families. A `FieldRejected` (core.forms.model) concerns one field, to be typed again. A `Refusal` concerns the whole
action; it says what happened and what to do now. Ids are stable: help pages, log lines and tests name them.
"""

from core.forms.errors import (
    account,
    calendar,
    call_backs_and_hand_overs,
    desk,
    identity,
    links,
    new_password,
    phone_and_code,
    reissue,
    request_to_desk,
    sign_in,
    site_requests,
    sms_limits,
)
from core.forms.errors.account import *
from core.forms.errors.calendar import *
from core.forms.errors.call_backs_and_hand_overs import *
from core.forms.errors.desk import *
from core.forms.errors.error_families import *
from core.forms.errors.identity import *
from core.forms.errors.links import *
from core.forms.errors.new_password import *
from core.forms.errors.phone_and_code import *
from core.forms.errors.reissue import *
from core.forms.errors.request_to_desk import *
from core.forms.errors.sign_in import *
from core.forms.errors.site_requests import *
from core.forms.errors.sms_limits import *

SUBJECTS = (
    sign_in,
    new_password,
    identity,
    phone_and_code,
    links,
    account,
    reissue,
    desk,
    call_backs_and_hand_overs,
    sms_limits,
    request_to_desk,
    calendar,
    site_requests,
)
"""The modules with errors, in the order of the help pages."""
