"""How Alembic runs the migrations of the record: on the connection it is handed, in one transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
