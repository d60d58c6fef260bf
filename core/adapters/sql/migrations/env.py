"""Alembic runs this file to apply migrations. `core.adapters.sql.schema_upgrade` provides the connection."""

from alembic import context

from core.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
