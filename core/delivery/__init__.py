"""The courier, which sends mail and SMS and records the result of each message."""
