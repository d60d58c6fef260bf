SETTINGS_FILE = "election.toml"
