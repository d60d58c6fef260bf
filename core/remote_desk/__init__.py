"""Runs the helpdesk's use cases in a daemon, which terminals call over a Unix socket."""
