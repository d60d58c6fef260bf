"""Error messages for users. Each message is a class, and each module contains the messages about one subject.

A `FieldRejected` is about one field, which the user must correct. A `Refusal` is about a whole action. Ids must not
change, because help pages, logs and tests use them.
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
