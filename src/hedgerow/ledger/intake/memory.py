"""What the indexes remember, read again from the lake; and what imports share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.kit.index import Entries
from hedgerow.ledger.engine import Engine
from hedgerow.ledger.intake import identity
from hedgerow.ledger.touch import STATED, custom

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace


def no_entries() -> Entries:
    """Return no entries at all."""
    empty = np.zeros(0, np.uint64)
    return Entries(empty, empty, empty.view(np.int64), empty.view(np.int64))


def remembered(workspace: "Workspace", index: str) -> Iterator[Entries]:
    """Yield all entries of the index of `ids` or `codes`, from the lake, undone imports included."""
    engine = Engine(workspace.lake, workspace.derived, workspace.record, masking=False)
    try:
        for batch in engine.batches(_ids(workspace) if index == "ids" else _CODES):
            high, low, value, owner = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
            yield Entries(high, low, value.astype(np.int64), owner.astype(np.int64))
    finally:
        engine.close()


def shared_rows(workspace: "Workspace", batch: int, turn: int, masked: NDArray[np.int64]) -> pa.Table:
    """Return the touches of an undone import that one still in force stated too, as that one's rows."""
    engine = Engine(workspace.lake, workspace.derived, workspace.record, masking=False)
    gone = ", ".join(str(number) for number in [*masked.tolist(), -1])
    try:
        rows = engine.sql(
            f"SELECT touches.* REPLACE (heir AS batch, {turn}::BIGINT AS turn) FROM touches JOIN "
            f"(SELECT touch_id, min(batch) AS heir FROM repeats WHERE batch NOT IN ({gone}) GROUP BY touch_id) "
            f"USING (touch_id) WHERE batch = {batch} "
            f"QUALIFY row_number() OVER (PARTITION BY touch_id) = 1"
        )
    finally:
        engine.close()
    return rows.cast(workspace.lake.columns("touches"))


def _ids(workspace: "Workspace") -> str:
    schema = pa.schema([*STATED, *custom(workspace.settings.fields)])
    value = f"('0x' || substr({identity.content_of(schema)}, 1, 16))::UBIGINT"
    rows = f"SELECT touch_id, {value} AS value, batch FROM touches"
    again = f"SELECT touch_id, any_value({value}), repeats.batch FROM repeats JOIN touches USING (touch_id) GROUP BY ALL"
    return f"SELECT {identity.HALVES.format('touch_id')}, value, batch FROM ({rows} UNION ALL {again})"


_CODES = (
    f"SELECT {identity.HALVES.format('sha256(identifier)')}, code, 0 AS owner FROM ("
    "SELECT DISTINCT identifier, code FROM ("
    "SELECT actor AS identifier, actor_code AS code FROM touches "
    "UNION ALL SELECT account, account_code FROM touches WHERE account IS NOT NULL "
    "UNION ALL SELECT unnest(claims), unnest(claim_codes) FROM touches "
    "UNION ALL SELECT account, account_code FROM deals_history WHERE account IS NOT NULL "
    "UNION ALL SELECT unnest(people), unnest(people_codes) FROM deals_history))"
)
