"""The courier, which sends mails and SMS and records the result of each message."""
