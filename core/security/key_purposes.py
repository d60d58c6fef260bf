"""The purposes for which keys are used.

Each purpose has its own subkey, so data that was encrypted or digested for one purpose is useless for another. The
subkey is derived from the name of the purpose. If a purpose is renamed, its existing data can no longer be used.
"""

from typing import Final

BIRTH_DATE: Final = "birth-date"
"""Digests birth dates for the electoral roll."""
NUMEN: Final = "numen"
PHONE: Final = "phone"
"""Digests phone numbers. Like all digest keys, this key is never rotated."""

PENDING_REQUEST: Final = "pending-request"
"""Encrypts the address that a visitor has typed, until the visitor requests a message."""
LINK_COOKIE: Final = "link-cookie"
"""Encrypts the token of a mailed link in a cookie, while the page of the link is open."""
STOP_LINK: Final = "stop-link"
"""Encrypts the token of the "ce n'était pas moi" link in a notice mail."""
DEVICE: Final = "device"
"""Encrypts the cookie by which the site recognises a voter's browser (OWASP device cookies)."""

OUTBOX: Final = "outbox"
"""Encrypts the texts of messages until they are sent."""
BOUNCE: Final = "bounces"
"""Authenticates the envelope sender of a mail, which shows the case to which a bounce belongs."""
MESSAGE_ID: Final = "message-ids"

SMS_REPORT: Final = "sms-reports"
"""Authenticates the web address to which the SMS gateway sends the delivery reports of an SMS."""
SMS_ANSWER: Final = "sms-answers"
"""Digests the ids of SMS that voters send, so that each SMS is processed only once."""

THROTTLE: Final = "throttle"
"""Digests the names of the counters that limit requests."""

CODE: Final = "security-codes"
"""Derives the secret from which the security codes of a case are made."""
PHONE_NUMBER: Final = "phone-numbers"
"""Encrypts the phone number for a new identifier, until the mobile operator has reported on the SMS."""
PLATFORM: Final = "platform"
AGENT_CODE: Final = "agent-code"
"""Encrypts the TOTP secrets of agents."""

ROW: Final = "rows"
"""Authenticates protected database rows. Every process that reads or writes voters needs this key."""
CREDENTIAL: Final = "credentials"
CREDENTIAL_DIGEST: Final = "credential-digests"
"""Digests voters' password hashes for the journal."""
IDENTIFIER_DIGEST: Final = "identifier-digests"
"""Digests the accounts of the voting platform for the journal."""

FINGERPRINT: Final = "fingerprint"
"""Makes the fingerprint that shows whether a database belongs to this election. This key is never rotated."""

JOURNAL: Final = "journal"
"""Signs the checkpoints of the journal. It is never rotated, so the electoral board needs only one public key."""
