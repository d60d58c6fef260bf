"""The purposes of keys.

Each purpose has its own subkey, so values sealed or digested for one purpose are useless for another. The key is
derived from the purpose's name: renaming a purpose makes its sealed values and digests useless.
"""

from typing import Final

BIRTH_DATE: Final = "birth-date"
"""Digests in the roll."""
NUMEN: Final = "numen"
PHONE: Final = "phone"
"""Digests of phone numbers, also those claimed by a voter. Never rotated, like every digest."""

PENDING_REQUEST: Final = "pending-request"
"""The typed address, until a message is requested."""
LINK_COOKIE: Final = "link-cookie"
"""The token of a link while its page is open."""
STOP_LINK: Final = "stop-link"
"""The token of the "ce n'était pas moi" link."""
DEVICE: Final = "device"
"""A recognised browser (OWASP: device cookies)."""

OUTBOX: Final = "outbox"
"""The bodies of messages until they are sent."""
BOUNCE: Final = "bounces"
"""Signs the envelope sender, which identifies the case of a bounce."""
MESSAGE_ID: Final = "message-ids"

SMS_REPORT: Final = "sms-reports"
"""Signs the address for reports about an SMS."""
SMS_ANSWER: Final = "sms-answers"
"""Digests of the gateway's ids of answers, so each answer is processed once."""

THROTTLE: Final = "throttle"
"""Names of counters."""

CODE: Final = "security-codes"
"""The secrets of security codes, one for each case."""
PHONE_NUMBER: Final = "phone-numbers"
"""The phone number for an identifier, until the operator's final report."""
PLATFORM: Final = "platform"
AGENT_CODE: Final = "agent-code"
"""The TOTP secrets of agents."""

ROW: Final = "rows"
"""Authenticates protected rows (`core.adapters.sql.row_authentication`).

Every process that reads or writes voters needs it.
"""
CREDENTIAL: Final = "credentials"
CREDENTIAL_DIGEST: Final = "credential-digests"
"""Digests of voters' password hashes in the journal."""
IDENTIFIER_DIGEST: Final = "identifier-digests"
"""Digests of the voting platform's records in the journal."""

FINGERPRINT: Final = "fingerprint"
"""The fingerprint of the keys, which shows whether a database belongs to this election.

Never rotated, like every digest.
"""

JOURNAL: Final = "journal"
"""Signs the journal's checkpoints. Never rotated: the board uses one public key for the whole election."""
