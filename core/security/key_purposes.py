"""The purposes of keys. Each has its own subkey, so that nothing sealed or digested for one serves another.

A name is part of its key: changing it makes sealed values and digests useless.
"""

from typing import Final

BIRTH_DATE: Final = "birth-date"
"""Digests of the roll."""
NUMEN: Final = "numen"
PHONE: Final = "phone"
"""Digests of phones, also for the claim "one number serves one voter"; it never rotates, like every digest."""

PENDING_REQUEST: Final = "pending-request"
"""The address typed, until a message is asked for."""
LINK_COOKIE: Final = "link-cookie"
"""The token of a link while its page is open."""
STOP_LINK: Final = "stop-link"
"""The token of "ce n'était pas moi"."""
DEVICE: Final = "device"
"""A recognised browser (OWASP: device cookies)."""

OUTBOX: Final = "outbox"
"""The bodies of messages until they are sent."""
BOUNCE: Final = "bounces"
"""The tag of an envelope sender, by which a bounce finds its case."""
MESSAGE_ID: Final = "message-ids"

SMS_REPORT: Final = "sms-reports"
"""The tag of the address to which an SMS is reported."""
SMS_ANSWER: Final = "sms-answers"
"""The gateway's ids of answers, each of which is taken once."""

THROTTLE: Final = "throttle"
"""The names of counters."""

CODE: Final = "security-codes"
"""The secrets of security codes, one a case."""
PHONE_NUMBER: Final = "phone-numbers"
"""The number an identifier goes to, until the operator's final report."""
PLATFORM: Final = "platform"
"""The key shared with the embedded voting platform."""
AGENT_CODE: Final = "agent-code"
"""The secrets from which an agent's codes are made."""

ROW: Final = "rows"
"""The tags of rows that decide (`core.adapters.sql.row_authentication`). Every process that reads or writes voters needs it."""
CREDENTIAL: Final = "credentials"
"""Voters' password hashes, sealed."""
CREDENTIAL_DIGEST: Final = "credential-digests"
"""The digests by which the journal knows voters' password hashes."""
IDENTIFIER_DIGEST: Final = "identifier-digests"
"""The digests by which the journal knows what the voting platform has in force."""

FINGERPRINT: Final = "fingerprint"
"""The fingerprint of the keys, by which a database tells those of another election. It never rotates, like every digest."""

JOURNAL: Final = "journal"
"""The signature of the journal's checkpoints. It never rotates: one public key serves the board for the whole election."""
