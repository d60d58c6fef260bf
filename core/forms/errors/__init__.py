"""One class for each message that refuses something, in a module for each subject.

A `FieldRejected` (core.forms.flow_model) concerns one field, which must be typed again. A `Refusal` concerns the whole
action: it says what happened and what to do. Ids are stable, because help pages, logs and tests use them.
"""

from core.forms.errors.agent_input import *
from core.forms.errors.call_backs import *
from core.forms.errors.desk_daemon import *
from core.forms.errors.error_families import *
from core.forms.errors.links import *
from core.forms.errors.reissue import *
from core.forms.errors.request_to_desk import *
from core.forms.errors.site_requests import *
from core.forms.errors.voter_input import *
