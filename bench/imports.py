"""Imports: rows a second and peak memory, beside DuckDB alone turning the same file into Parquet.

Limit: peak memory stays under 2 GiB whatever the size. Run as `python bench/imports.py [ROWS ...]`.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from hedgerow.collect import Map, import_file
from hedgerow.ledger import create_workspace

SIZES = (1_000_000, 5_000_000)
LIMIT = 2 << 30

_ROWS = """
SELECT 'C' || hash(i * 7) % greatest({n} // 20, 1) AS customer_id,
  strftime(TIMESTAMP '2018-01-01' + INTERVAL 1 SECOND * (hash(i) % 31536000)::INT, '%Y-%m-%dT%H:%M:%SZ') AS time,
  CASE WHEN hash(i + 1) % 100 < 3 THEN round(hash(i + 2) % 10000 / 100.0, 2) END AS worth,
  ['Online Display', 'Facebook', 'Paid Search', 'Email', 'Instagram'][1 + (hash(i + 3) % 5)::INT] AS channel
FROM range({n}) t(i)
"""

MAP = Map(
    source="bench",
    touch=[
        {
            "occurred_at": "time",
            "verb": "case when worth is not null then 'purchase' else 'view' end",
            "actor": "'customer:' || customer_id",
            "channel": "channel",
            "value": "worth",
            "currency": "'EUR'",
        }
    ],
)


def main(sizes: list[int]) -> int:
    """Print a line a file; return how many went over the limit."""
    over = 0
    print(f"{'rows':>10} {'format':<6} {'rows/s':>9} {'peak MiB':>9} {'DuckDB rows/s':>14} {'of DuckDB':>9}")
    for rows in sizes:
        for ending in ("csv", "jsonl"):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / f"touches.{ending}"
                how = "FORMAT csv" if ending == "csv" else "FORMAT json"
                duckdb.sql(f"COPY ({_ROWS.format(n=rows)}) TO '{file}' ({how})")
                ours, theirs = _apart("hedgerow", file), _apart("duckdb", file)
            over += ours["peak"] > LIMIT
            print(
                f"{rows:>10,} {ending:<6} {rows / ours['seconds']:>9,.0f} {ours['peak'] / (1 << 20):>9,.0f} "
                f"{rows / theirs['seconds']:>14,.0f} {theirs['seconds'] / ours['seconds']:>9.2f}"
            )
    print(f"limit: peak memory under {LIMIT >> 20:,} MiB at any size: {'kept' if not over else 'NOT KEPT'}")
    return over


def _apart(what: str, file: Path) -> dict[str, float]:
    """Return the seconds and the peak memory in bytes of a process of its own."""
    done = subprocess.run([sys.executable, __file__, what, str(file)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measured(what: str, file: Path) -> None:
    begun = time.perf_counter()
    if what == "hedgerow":
        workspace = create_workspace(file.parent / "workspace", "Bench")
        import_file(workspace, "touch", file, MAP)
        workspace.close()
    else:
        duckdb.sql(f"COPY (FROM '{file}') TO '{file.parent / 'alone.parquet'}' (FORMAT parquet)")
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    if sys.argv[1:2] in (["hedgerow"], ["duckdb"]):
        _measured(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main([int(float(size)) for size in sys.argv[1:]] or list(SIZES)))
