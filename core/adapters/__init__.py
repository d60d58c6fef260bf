"""Implementations of the interfaces in `core.ports`."""
