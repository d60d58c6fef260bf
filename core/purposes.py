"""What a key is used for. Each purpose has its own subkey, so that nothing sealed or digested for one serves another.

A name is part of its key: changing it loses what was sealed under it, and every digest made with it.
"""

from typing import Final

BIRTH_DATE: Final = "birth-date"
"""Digests of the roll."""
NUMEN: Final = "numen"
PHONE: Final = "phone"
"""Also the claim "one number serves one voter": never rotates, like every digest."""

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
"""The tag of the address that reports about one SMS are sent to."""
SMS_ANSWER: Final = "sms-answers"
"""The gateway's ids of answers, which are heard once."""

THROTTLE: Final = "throttle"
"""The names of counters."""

CODE: Final = "security-codes"
"""The secrets of security codes, one a case."""
PHONE_NUMBER: Final = "phone-numbers"
"""The number an identifier goes to, until the operator's final report."""
PLATFORM: Final = "platform"
"""The key shared with a voting platform that is ourselves."""
AGENT_CODE: Final = "agent-code"
"""What an agent's codes are made from."""
DESK: Final = "desk"
"""Proofs that stay within a process: who is on duty, whose caller is verified, who signed beside."""

JOURNAL: Final = "journal"
"""Signs the checkpoints of the journal. Never rotates: one public key serves the board for the whole election."""
