"""Lets terminals use the desk over a Unix socket. Only the daemon has the keys and the database."""
