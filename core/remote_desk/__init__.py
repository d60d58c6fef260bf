"""The desk's use cases over a Unix socket: a daemon has the keys and the database, a terminal has a session."""
