"""The store on SQLite and PostgreSQL with SQLAlchemy Core: tables, and one module per port."""
