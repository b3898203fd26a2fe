"""Residues: what is to stay of a person's touches when they are erased, month, channel and amount."""

from collections.abc import Sequence

import pyarrow as pa

from hedgerow.journeys.swarms import BY_PEOPLE
from hedgerow.ledger import RESIDUES, Workspace


def residues(workspace: Workspace, identifiers: Sequence[str]) -> pa.Table:
    """Return a row, as `RESIDUES` has them, for each touch of these identifiers that a total counts.

    Those are the touches that people made which have a channel, or are an outcome or make a lead; the month is that
    of the workspace's zone.
    """
    if "marks" not in workspace.derived.names():
        return RESIDUES.schema.empty_table()
    settings = workspace.settings
    counted = ", ".join(f"'{verb}'" for verb in (*settings.journeys.outcomes, *settings.journeys.leads))
    rows = workspace.engine.sql(
        f"SELECT strftime(timezone('{settings.workspace.zone}', occurred_at), '%Y-%m') AS period, channel, "
        f"channel_group, verb, value, currency, batch FROM {BY_PEOPLE} WHERE actor_code IN "
        f"(SELECT code FROM identifiers SEMI JOIN asked ON said = lower(kind || ':' || value)) "
        f"AND (channel IS NOT NULL OR verb IN ({counted or 'NULL'}))",
        asked=pa.table({"said": pa.array([each.lower() for each in identifiers], pa.string())}),
    )
    return rows.cast(RESIDUES.schema)
