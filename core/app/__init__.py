"""The wiring of rules and adapters into one election's services."""

SETTINGS_FILE = "election.toml"
