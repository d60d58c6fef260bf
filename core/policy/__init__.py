"""The numbers and dates that define an election's rules."""
