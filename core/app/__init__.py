"""Connects the rules and the adapters of one election."""

SETTINGS_FILE = "election.toml"
