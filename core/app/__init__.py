"""Reads the settings of an election and builds the objects that its programs need."""

SETTINGS_FILE = "election.toml"
