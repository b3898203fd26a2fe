"""village owns a made-up market of known truth, for tests, demo and docs; it never reads a ledger."""

import shutil
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

import numpy as np

from hedgerow.kit import HedgerowError, load_shelf
from hedgerow.village import sales, talk, visits
from hedgerow.village.files import Files
from hedgerow.village.life import Export, Life, Truth
from hedgerow.village.season import Season
from hedgerow.village.spend import Brought, exported
from hedgerow.village.villagers import HAMLET, Chance, Rows, settle, words

__all__ = ["Village", "build"]

START = date(2026, 1, 5)
FEWEST_DAYS = 14


@dataclass(frozen=True)
class Village:
    """What was built, and where: `rows` is the data rows of each import file, by its name."""

    folder: Path
    people: int
    days: int
    seed: int
    start: date
    rows: dict[str, int]
    leads: int
    deals: int
    won: int

    @property
    def touches(self) -> int:
        """How many rows of touches the files hold: all but those of deals and spend."""
        return sum(count for file, count in self.rows.items() if file not in ("deals.csv", "spend.csv"))


def build(folder: Path, people: int, days: int, seed: int, start: date = START) -> Village:
    """Write a village's import files into `folder`, their maps into `maps/` and the truth into `truth/`.

    The same arguments give the same bytes. Files of an earlier village are replaced. Raises `HedgerowError`
    for fewer people than the named villagers, fewer days than 14, or a negative seed.
    """
    fewest = len(words("villagers")["villager"])
    if people < fewest:
        raise HedgerowError(
            f"A village of {people} has no room for its {fewest} named people: ask for {fewest} or more."
        )
    if days < FEWEST_DAYS:
        raise HedgerowError(f"Nothing is sold in {days} days: ask for {FEWEST_DAYS} or more.")
    if seed < 0:
        raise HedgerowError(f"The seed {seed} is negative: choose 0 or more.")
    season = Season(start, days)
    company = talk.company_posts(np.random.default_rng([seed, 0]), season)
    brought, tally = Brought.nothing(season), {"leads": 0, "deals": 0, "won": 0}
    with Files(folder) as out:
        # Hamlets of like size: one of a handful of people would have nobody to talk to.
        for number, part in enumerate(np.array_split(np.arange(people), -(-people // HAMLET))):
            chance = np.random.default_rng([seed, 1, number])
            life = _live(chance, season, company, number, int(part[0]), len(part))
            _write(chance, life, out)
            brought.add(life)
            tally = {name: count + life.tally[name] for name, count in tally.items()}
        _finish(np.random.default_rng([seed, 2]), season, people, brought, out)
    _lay_maps(folder / "maps")
    rows = {file: count for file, count in out.rows.items() if not file.startswith("truth/")}
    return Village(folder, people, days, seed, start, rows, **tally)


def _live(chance: Chance, season: Season, company: Rows, number: int, first: int, count: int) -> Life:
    hamlet = settle(chance, number, first, count)
    said, heard = talk.converse(chance, hamlet, season, company)
    forum = talk.gather(chance, hamlet, season)
    events = visits.arrive(chance, hamlet, season, said, heard, forum)
    forms, leads = visits.ask(chance, hamlet, season, events)
    events = np.concatenate([events, forms])
    mailed = sales.write_to(chance, season, leads, events)
    clicks = sales.clicks(mailed, season)
    events = np.concatenate([events, visits.from_mail(chance, hamlet, mailed[clicks], clicks)])
    deals = sales.sell(chance, hamlet, season, leads)
    calls = sales.speak(chance, season, leads, deals, events)
    buyers, at, amount = sales.buyers(chance, hamlet, season, leads, deals)
    bought = visits.pay(buyers, events, at, amount, hamlet.devices[buyers["person"]])
    events = np.concatenate([events, bought, *visits.browse(chance, season, events, leads)])
    return Life(hamlet, season, len(company), said, forum, events, leads, mailed, calls, deals)


def _write(chance: Chance, life: Life, out: Files) -> None:
    for export in load_shelf("hedgerow.village.exports", Export).values():
        out.export(chance, export.sheet(chance, life), export)
    for name, truth in load_shelf("hedgerow.village.truths", Truth).items():
        out.truth(name, truth.rows(life))


def _finish(chance: Chance, season: Season, people: int, brought: Brought, out: Files) -> None:
    out.cut_off("web.jsonl.gz")
    sheet, export, truth = exported(chance, season, people, brought)
    out.export(chance, sheet, export)
    out.truth("spend", truth)


def _lay_maps(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with resources.as_file(resources.files("hedgerow.village").joinpath("maps")) as maps:
        for file in sorted(maps.glob("*.toml")):
            shutil.copyfile(file, folder / file.name)
