"""The courier: it sends mail and SMS and records what became of each message."""
