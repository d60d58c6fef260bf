"""Lets terminals use the helpdesk's use cases over a Unix socket. Only the daemon has the keys and the database."""
