"""Implements the database ports of `core.ports` for SQLite and PostgreSQL."""
