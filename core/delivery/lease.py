from datetime import timedelta

LEASE = timedelta(minutes=2)
"""Duration of a courier's claim on a message. Sending must begin in the first half of this time."""
SECONDS_TO_SEND = LEASE.total_seconds() / 2 - 10
"""Maximum duration of an attempt to send a message, in seconds."""
