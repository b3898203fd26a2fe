"""Attribution: seven heuristic models and Markov chains of order 1 to 3, against ChannelAttribution in the same run.

Both are handed the same journeys in memory of their own kind: blocks of paths on disk here, a data frame of
strings there. Neither reading journeys from a ledger nor making the data frame is timed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

from hedgerow.attribution.division import Totals, divide, totals
from hedgerow.attribution.model import choose
from hedgerow.attribution.removal import removal_effects
from hedgerow.journeys.paths import Paths

LABELS = tuple(f"channel {place:02d}" for place in range(20))
HEURISTIC = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay", "shapley")
MARKOV = ("markov:1", "markov:2", "markov:3")
BLOCK = 250_000
DAY = 86_400_000_000
STEPS = 3.5
"""Steps in a journey, on average."""
AIMS = {"ratio": 25.0, "order_4": 15.0, "shapley": 1.0, "memory": 700.0, "error": 1e-9}


def generate(folder: Path, journeys: int, seed: int) -> None:
    """Write blocks of journeys: Zipf's channels, geometric lengths, a twelfth or so converting."""
    random = np.random.default_rng(seed)
    popular = 1 / np.arange(1, len(LABELS) + 1)
    lift = random.uniform(0.2, 1.8, len(LABELS))
    for place, begin in enumerate(range(0, journeys, BLOCK)):
        count = min(BLOCK, journeys - begin)
        sizes = random.geometric(1 / STEPS, count)
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        label = random.choice(len(LABELS), bounds[-1], p=popular / popular.sum()).astype(np.int16)
        chance = 0.06 * np.add.reduceat(lift[label], bounds[:-1]) / np.sqrt(sizes)
        converts = random.random(count) < chance
        started = np.repeat(random.integers(0, 365 * DAY, count), sizes)
        at = started + np.cumsum(random.integers(0, DAY, bounds[-1])) % (60 * DAY)
        at.sort()
        arrays = {
            "label": label,
            "at": at,
            "row": np.arange(bounds[-1]),
            "bounds": bounds,
            "unit": np.arange(begin, begin + count),
            "outcome": np.where(converts, np.arange(count), -1),
            "ended_at": at[bounds[1:] - 1] + DAY // 24,
            "value": np.where(converts, random.integers(100, 10**6, count), 0),
            "currency": np.where(converts, 0, -1).astype(np.int16),
        }
        (folder / f"{place:04d}").mkdir()
        for name, array in arrays.items():
            np.save(folder / f"{place:04d}" / name, array)


def blocks(folder: Path) -> Iterator[Paths]:
    """Yield the blocks of a folder one by one, so that one is in memory at a time."""
    for block in sorted(folder.iterdir()):
        arrays = {file.stem: np.asarray(np.load(file, "r")) for file in block.iterdir()}
        yield Paths(labels=LABELS, currencies=("EUR",), **arrays)


def credit(folder: Path) -> dict[str, Totals]:
    """Return the credit of every model by channel, to the cent: each fitted, then all applied block by block."""
    chosen = {spec: choose(spec) for spec in (*HEURISTIC, *MARKOV)}
    fitted = {spec: each.fit(blocks(folder)) for spec, each in chosen.items()}
    sums: dict[str, Totals] = {}
    for whole in blocks(folder):
        paths = whole.only(whole.converted)
        for spec, each in chosen.items():
            part = totals(paths, divide(paths, each.weights(paths, fitted[spec])))
            sums[spec] = sums[spec] + part if spec in sums else part
    return sums


def timed(act: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Return the median of the seconds that `act` took, and what it returned last."""
    seconds = []
    for _ in range(repeat):
        begun = time.perf_counter()
        result = act()
        seconds.append(time.perf_counter() - begun)
    return median(seconds), result


def shares(amounts: NDArray[np.float64]) -> list[float]:
    """Return amounts as shares of their sum."""
    said: list[float] = (amounts / amounts.sum()).tolist()
    return said


def unrounded(folder: Path, name: str) -> list[float]:
    """Return a row-wise model's shares of conversions by channel, before they are divided into whole numbers."""
    earned = np.zeros(len(LABELS))
    for whole in blocks(folder):
        paths = whole.only(whole.converted)
        earned += np.bincount(paths.label, choose(name).weights(paths, np.zeros(0)), len(LABELS))
    return shares(earned)


def shapley(folder: Path) -> float:
    """Return the seconds that Shapley's weights of every journey take, reading left out."""
    chosen, seconds = choose("shapley"), 0.0
    for paths in blocks(folder):
        begun = time.perf_counter()
        chosen.weights(paths, np.zeros(0))
        seconds += time.perf_counter() - begun
    return seconds


def ours(folder: Path, repeat: int) -> dict[str, Any]:
    """Return this program's seconds, sums, errors and peak memory (MB); run in a process of its own."""
    seconds, sums = timed(lambda: credit(folder), repeat)
    value = sum(int(paths.value.sum()) for paths in blocks(folder))
    effects = {str(order): removal_effects(blocks(folder), order) for order in (1, 2, 3)}
    shapley_seconds = median(shapley(folder) for _ in range(repeat))
    order_4, _ = timed(lambda: removal_effects(blocks(folder), 4), 1)
    return {
        "seconds": seconds,
        "lost": max(abs(int(each.value.sum()) - value) for each in sums.values()),
        "heuristic": {name: unrounded(folder, name) for name in ("first_touch", "last_touch", "linear")},
        "shares": {order: shares(each) for order, each in effects.items()},
        "order_4": order_4,
        "shapley": shapley_seconds,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def strings(folder: Path) -> Iterator[tuple[list[str], bool, int]]:
    """Yield each journey as its channels' names, whether it converted, and its value."""
    for paths in blocks(folder):
        names = np.array(LABELS)[paths.label].tolist()
        converted, value = paths.converted.tolist(), paths.value.tolist()
        for i, (begin, end) in enumerate(pairwise(paths.bounds.tolist())):
            yield names[begin:end], converted[i], value[i]


def peer(folder: Path, repeat: int, distinct: bool) -> dict[str, Any]:
    """Return ChannelAttribution's seconds, sums and peak memory (MB) at its defaults."""
    import ChannelAttribution
    import pandas as pd  # type: ignore[import-untyped]

    rows = [(">".join(path), int(won), int(not won), value) for path, won, value in strings(folder)]
    frame = pd.DataFrame(rows, columns=["path", "conversions", "nulls", "value"])
    if distinct:
        frame = frame.groupby("path", as_index=False).sum()

    def run() -> tuple[Any, dict[int, Any]]:
        given = {"var_value": "value", "flg_pro": False}
        heuristic = ChannelAttribution.heuristic_models(frame, "path", "conversions", **given)
        markov = {
            order: ChannelAttribution.markov_model(
                frame, "path", "conversions", var_null="nulls", order=order, verbose=False, **given
            )
            for order in (1, 2, 3)
        }
        return heuristic, markov

    seconds, (heuristic, markov) = timed(run, repeat)
    by_name = heuristic.set_index("channel_name").reindex(LABELS)
    conversions = {n: each.set_index("channel_name").iloc[:, 0].reindex(LABELS) for n, each in markov.items()}
    return {
        "seconds": seconds,
        "rows": len(frame),
        "heuristic": {
            name: shares(by_name.iloc[:, column].to_numpy(np.float64))
            for name, column in (("first_touch", 0), ("last_touch", 2), ("linear", 4))
        },
        "shares": {str(n): shares(each.to_numpy()) for n, each in conversions.items()},
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def reference(folder: Path, order: int) -> list[float]:
    """Return normalised removal effects, counted by a dictionary of states and solved by elimination.

    States are those of ChannelAttribution: the last `order` channels, or the whole of a shorter journey.
    """
    counts: Counter[tuple[Any, Any]] = Counter()
    for path, won, _ in strings(folder):
        windows = [tuple(path[i : i + order]) for i in range(max(1, len(path) - order + 1))]
        states = [each for i, each in enumerate(windows) if i == 0 or each != windows[i - 1]]
        counts.update(pairwise(["start", *states, "conversion" if won else "null"]))
    states = list(dict.fromkeys(before for before, _ in counts))
    place = {state: i for i, state in enumerate(states)}
    met: Counter[Any] = Counter()
    for (before, _), count in counts.items():
        met[before] += count
    inner = [(place[a], place[b], n / met[a]) for (a, b), n in counts.items() if b in place]
    rows, columns, chances = zip(*inner, strict=True)
    stays = sparse.eye_array(len(states)) - sparse.coo_array((chances, (rows, columns)), shape=(len(states),) * 2)
    converts = np.array([counts[state, "conversion"] / met[state] for state in states])

    def conversion(without: str) -> float:
        kept = [i for i, state in enumerate(states) if without not in (state if isinstance(state, tuple) else ())]
        return float(linalg.spsolve(stays.tocsr()[kept][:, kept].tocsc(), converts[kept])[0])

    effects = np.array([1 - conversion(label) / conversion("") for label in LABELS])
    return shares(effects)


def apart(first: list[float], second: list[float]) -> float:
    """Return the largest difference between two lists."""
    return float(np.abs(np.array(first) - np.array(second)).max())


def in_process(folder: Path, who: str, args: argparse.Namespace, repeat: int) -> dict[str, Any]:
    """Return what `who` ("ours" or "peer") measures in a process of its own, so that memory is its own too."""
    command = [sys.executable, __file__, "--measure", who, "--folder", str(folder), "--repeat", str(repeat)]
    said = subprocess.run([*command, *(["--distinct"] * args.distinct)], check=True, stdout=subprocess.PIPE, text=True)
    measured: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return measured


def compare(journeys: int, args: argparse.Namespace) -> dict[str, float]:
    """Print one row of the table for so many journeys and return its figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, journeys, args.seed)
        own = in_process(folder, "ours", args, args.repeat)
        other = in_process(folder, "peer", args, args.repeat if journeys <= 10_000 else 1)
        orders = [1, 2, 3] if journeys <= 10_000 else [1, 2] if journeys <= 1_000_000 else [1]
        errors = [apart(own["shares"][str(order)], reference(folder, order)) for order in orders]
    simulated = max(apart(own["shares"][order], other["shares"][order]) for order in own["shares"])
    heuristic = max(apart(own["heuristic"][name], each) for name, each in other["heuristic"].items())
    figures = {
        "ratio": other["seconds"] / own["seconds"],
        "error": max([*errors, heuristic]),
        **{name: own[name] for name in ("order_4", "shapley", "memory", "lost")},
    }
    print(
        f"{journeys:>10,} {own['seconds']:>9.3f} {other['seconds']:>9.2f} {figures['ratio']:>7.1f} "
        f"{own['order_4']:>9.2f} {own['shapley']:>9.3f} {own['memory']:>7.0f} {other['memory']:>7.0f} "
        f"{figures['error']:>9.0e} {simulated:>10.0e} {heuristic:>10.0e}",
        flush=True,
    )
    return figures


def main() -> None:
    """Run the comparison at each size and say whether the claim held at the largest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000, 5_000_000], help="journeys")
    parser.add_argument("--repeat", type=int, default=5, help="runs of ours; the peer runs once past 10,000")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--distinct", action="store_true", help="hand the peer one row a distinct path")
    parser.add_argument("--measure", choices=("ours", "peer"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measured = (
            ours(args.folder, args.repeat) if args.measure == "ours" else peer(args.folder, args.repeat, args.distinct)
        )
        print(json.dumps(measured))
        return
    print(
        f"{'journeys':>10} {'ours s':>9} {'peer s':>9} {'ratio':>7} {'order 4 s':>9} {'shapley s':>9} {'ours MB':>7} "
        f"{'peer MB':>7} {'off exact':>9} {'off walks':>10} {'off peer':>10}"
    )
    figures = [compare(journeys, args) for journeys in args.sizes]
    last, worst = figures[-1], max(each["error"] for each in figures)
    held = (
        last["ratio"] >= AIMS["ratio"]
        and last["order_4"] < AIMS["order_4"]
        and last["shapley"] < AIMS["shapley"]
        and last["memory"] < AIMS["memory"]
        and worst <= AIMS["error"]
        and not any(each["lost"] for each in figures)
    )
    print(
        f"{'HELD' if held else 'NOT HELD'}: at {args.sizes[-1]:,} journeys {last['ratio']:.1f} times as fast as "
        f"ChannelAttribution (aim {AIMS['ratio']:.0f}), order 4 in {last['order_4']:.1f} s (aim 15), Shapley in "
        f"{last['shapley']:.2f} s (aim 1), {last['memory']:.0f} MB (aim 700), shares within {worst:.0e} of exact ones, "
        f"{sum(int(each['lost']) for each in figures)} cents lost."
    )


if __name__ == "__main__":
    main()
