"""Conclude reads half a million touches a second, and does not fall over where every address is another."""

import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.journeys.conclusions.conclude import conclude

ROWS = 1_000_000
BATCH = 1 << 18
LIMITS = {"village": 500_000, "deep_links": 150_000}
SITES = ("copperkettle.example",)
SITE = "https://www.copperkettle.example"
NAMES = ("verb", "channel", "medium", "campaign", "url", "referrer", "user_agent")


def village(rows: int) -> pa.Table:
    """Return touches as a village makes them: some thousand combinations of page, tag, referrer and browser."""
    chance = np.random.default_rng(7)
    pages = [f"{SITE}/guides/{number}" for number in range(60)]
    tags = ["", "", "", "?utm_source=LinkedIn&utm_medium=paid_social&utm_campaign=second-look"]
    tags += [f"?utm_source=newsletter&utm_medium=e-mail&utm_campaign=week-{number}" for number in range(20)]
    referrers = [None, "https://www.google.com/", "https://t.co/x", "https://forum.opsfolk.example/", SITE + "/"]
    browsers = [f"Mozilla/5.0 (Windows NT 10.0) Chrome/{number}.0 Safari/537.36" for number in range(90, 140)]
    return _table(
        verb=_drawn(chance, ["view", "view", "view", "submit", "click", "open", "create", "purchase"], rows),
        channel=_drawn(chance, [None, None, None, None, "Email", "Organic  social"], rows),
        url=_drawn(chance, [page + tag for page in pages for tag in tags], rows),
        referrer=_drawn(chance, referrers, rows),
        user_agent=_drawn(chance, browsers, rows),
    )


def deep_links(rows: int) -> pa.Table:
    """Return touches of which no two have the same page, click id or referrer."""
    number = pc.cast(pa.array(np.arange(rows)), pa.string())
    url = pc.binary_join_element_wise(SITE + "/p/", number, "?utm_source=google&gclid=", number, "")
    referrer = pc.binary_join_element_wise("https://www.google.com/url?q=", number, "")
    return _table(verb=pa.array(["view"]).take(pa.array(np.zeros(rows, int))), url=url, referrer=referrer)


def _drawn(chance: np.random.Generator, words: list[str] | list[str | None], rows: int) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(chance.integers(0, len(words), rows)))


def _table(**columns: pa.Array) -> pa.Table:
    rows = len(columns["verb"])
    return pa.table({name: columns.get(name, pa.nulls(rows, pa.string())) for name in NAMES})


def rate(touches: pa.Table) -> float:
    """Return rows concluded a second, taken in batches as the mill takes them."""
    begun = time.perf_counter()
    for start in range(0, len(touches), BATCH):
        conclude(touches.slice(start, BATCH), SITES)
    return len(touches) / (time.perf_counter() - begun)


def main() -> None:
    """Print both rates, each with its ratio to its limit."""
    conclude(village(1000), SITES)
    for touches in (village, deep_links):
        speed, limit = rate(touches(ROWS)), LIMITS[touches.__name__]
        print(f"{touches.__name__:10} {speed:12,.0f} rows/s  {speed / limit:5.2f} of {limit:,}")


if __name__ == "__main__":
    main()
