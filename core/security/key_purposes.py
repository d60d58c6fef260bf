"""The purposes for which keys are used. Purposes must not be renamed, because subkeys are derived from their names.

Each purpose has its own subkey, so data that was encrypted or digested for one purpose is useless for another.
"""

from typing import Final

BIRTH_DATE: Final = "birth-date"
NUMEN: Final = "numen"
PHONE: Final = "phone"

PENDING_REQUEST: Final = "pending-request"
"""Key that encrypts the address that a visitor has typed, until the visitor requests a message."""
LINK_COOKIE: Final = "link-cookie"
"""Key for the cookie that contains the token of an emailed link."""
STOP_LINK: Final = "stop-link"
"""Key that encrypts the token of the "ce n'était pas moi" ("this was not me") link in an email about a change."""
DEVICE: Final = "device"
"""Key that encrypts the cookie with which the site recognises a voter's browser (OWASP device cookies)."""

OUTBOX: Final = "outbox"
BOUNCE: Final = "bounces"
"""Key that authenticates the sender address of an email. If the email bounces, this address identifies the case."""
MESSAGE_ID: Final = "message-ids"

SMS_REPORT: Final = "sms-reports"
"""Key that authenticates the URL to which an SMS gateway sends delivery reports."""
SMS_ANSWER: Final = "sms-answers"
"""Key that digests the ids of voters' text messages, so that each message is processed only once."""

THROTTLE: Final = "throttle"

CODE: Final = "security-codes"
PHONE_NUMBER: Final = "phone-numbers"
"""Key that encrypts the phone number to which a new identifier is sent."""
PLATFORM: Final = "platform"
AGENT_CODE: Final = "agent-code"

ROW: Final = "rows"
"""Key that authenticates protected database rows. Every program that reads or writes voters needs this key."""
CREDENTIAL: Final = "credentials"
CREDENTIAL_DIGEST: Final = "credential-digests"
IDENTIFIER_DIGEST: Final = "identifier-digests"

FINGERPRINT: Final = "fingerprint"
"""Key for the fingerprint by which a program recognises the database of its election. It is never rotated."""

EVENTS: Final = "events"
"""Prefix of the purposes for signing journal events. The name of the signing program follows the prefix.

The keys for these purposes are never rotated.
"""

JOURNAL: Final = "journal"
"""Key that signs the checkpoints of the journal. It is never rotated, so the electoral board keeps one public key."""
