"""The desk's use cases over a Unix socket. The daemon has the keys and the database; the terminal has a session."""
