"""Alembic runs this file. The connection is always given by `core.adapters.sql.schema_upgrade`."""

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
