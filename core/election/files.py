"""The names of files in the folder of an election."""

SETTINGS_FILE = "election.toml"
