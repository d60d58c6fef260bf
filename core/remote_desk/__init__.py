"""Lets the agents' terminals use the desk over a Unix socket.

The daemon has the keys and the database. A terminal has only the tokens of its session.
"""
