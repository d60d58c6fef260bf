from datetime import timedelta

LEASE = timedelta(minutes=2)
"""How long a courier's claim on a message lasts. The courier must begin to send in the first half of this time."""
SECONDS_TO_SEND = LEASE.total_seconds() / 2 - 10
"""How long an attempt to send a message may take, so that its result can be recorded before the claim ends."""
