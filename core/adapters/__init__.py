"""Implementations of the ports, one per module."""
