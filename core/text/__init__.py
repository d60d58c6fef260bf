"""The sentences that users read, and their translations."""
