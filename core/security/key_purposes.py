"""Purposes of keys. Never rename a purpose, because subkeys are derived from the names."""

from typing import Final

BIRTH_DATE: Final = "birth-date"
NUMEN: Final = "numen"
PHONE: Final = "phone"

PENDING_REQUEST: Final = "pending-request"
"""Key that encrypts the typed address until the visitor requests a message."""
LINK_COOKIE: Final = "link-cookie"
"""Key for the cookie that contains the token of an emailed link."""
STOP_LINK: Final = "stop-link"
"""Key that encrypts the token of a "this was not me" link."""
DEVICE: Final = "device"
"""Key that encrypts the cookie of a recognised browser (OWASP device cookies)."""

OUTBOX: Final = "outbox"
BOUNCE: Final = "bounces"
"""Key that authenticates the addresses to which bounced emails are returned."""
MESSAGE_ID: Final = "message-ids"

SMS_REPORT: Final = "sms-reports"
"""Key that authenticates the URL to which an SMS gateway sends delivery reports."""
SMS_ANSWER: Final = "sms-answers"
"""Key for hashing the ids of received text messages, in order to detect duplicates."""

THROTTLE: Final = "throttle"

CODE: Final = "security-codes"
PHONE_NUMBER: Final = "phone-numbers"
"""Key that encrypts the phone number to which a new identifier is sent."""
PLATFORM: Final = "platform"
AGENT_CODE: Final = "agent-code"

ROW: Final = "rows"
"""Key that authenticates protected database rows."""
CREDENTIAL: Final = "credentials"
CREDENTIAL_DIGEST: Final = "credential-digests"
IDENTIFIER_DIGEST: Final = "identifier-digests"

FINGERPRINT: Final = "fingerprint"
"""Key for the fingerprint of an election's database. This key is never rotated."""

EVENTS: Final = "events"
"""Keys that sign journal events. Each program has its own key, which is never rotated."""

JOURNAL: Final = "journal"
"""Key that signs the journal's checkpoints. This key is never rotated."""
