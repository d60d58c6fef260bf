"""Stores everything in SQLite or PostgreSQL, through SQLAlchemy Core. Each port has a module of its own."""
