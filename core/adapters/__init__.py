"""Implements the interfaces in `core.ports` with databases, mail relays, SMS gateways, key files and clocks."""
