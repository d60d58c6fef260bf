"""The store on SQLite, by SQLAlchemy Core: tables, one file a port."""
