"""What Alembic runs: our metadata over the connection that `engine.persistence.migrations` hands in."""

from __future__ import annotations

from alembic import context

from engine.persistence.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
