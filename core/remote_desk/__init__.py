"""Runs the helpdesk's use cases in a daemon. Terminals call the daemon over a Unix socket."""
