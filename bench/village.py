"""Bench of the village: a million touches, with their files and their truth, in under ten seconds."""

import resource
import sys
import tempfile
import time
from pathlib import Path

from hedgerow.village import build

LIMIT = 10.0
PEOPLE = 22_000


def main() -> int:
    """Build about a million touches, print rows a second and peak memory, and return 1 past the limit."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        village = build(Path(folder), PEOPLE, days=180, seed=1)
        seconds = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    million = seconds * 1_000_000 / village.touches
    print(f"{village.touches:,} touches of {PEOPLE:,} people in {seconds:.1f} s, {size / 1e6:.0f} MB of files")
    print(f"{village.touches / seconds:,.0f} rows a second, peak memory {peak:,.0f} MB")
    print(f"{million:.1f} s a million, {million / LIMIT:.2f} of the limit of {LIMIT:.0f} s")
    return int(million > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
