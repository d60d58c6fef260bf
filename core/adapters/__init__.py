"""The outside world, one port a file."""
