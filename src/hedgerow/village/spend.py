"""The spend: what each campaign cost a day, and what its platform claims it brought."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit.money import Integers
from hedgerow.village.life import Export, Life, Sheet, decimal
from hedgerow.village.season import DAY, Season
from hedgerow.village.villagers import Chance, column, pick, words
from hedgerow.village.visits import PURCHASE

_SAYS = "What each campaign cost a day, and what its platform claims."
_FILE = "spend.csv"
_BAD: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("its currency is unknown", {"currency": "EURO"}),
    ("its day can't be read", {"day": "31.02."}),
)


@dataclass(frozen=True)
class Brought:
    """(days, campaigns) how many visits, first forms and purchases each campaign truly brought a day."""

    visits: Integers
    leads: Integers
    orders: Integers

    @classmethod
    def nothing(cls, season: Season) -> "Brought":
        """Return zeros, to which each hamlet is added."""
        shape = (season.days, len(words()["campaign"]))
        return cls(*(np.zeros(shape, np.int64) for _ in range(3)))

    def add(self, life: Life) -> None:
        """Count a hamlet's visits in."""
        campaigns = [each["name"] for each in words()["campaign"]]
        of_way = [campaigns.index(each["campaign"]) if "campaign" in each else -1 for each in words()["way"]]
        way = life.events["way"]
        campaign = np.where(way >= 0, np.array(of_way)[way], -1)
        paid = np.flatnonzero(campaign >= 0)
        np.add.at(self.visits, (life.events["at"][paid] // DAY, campaign[paid]), 1)
        first = campaign[life.leads["first"]]
        asked = np.flatnonzero(first >= 0)
        np.add.at(self.leads, (life.leads["at"][asked] // DAY, first[asked]), 1)
        of_person = np.full(len(life.hamlet), -1)
        of_person[life.leads["person"]] = first
        bought = life.events[life.events["event"] == PURCHASE]
        bought = bought[of_person[bought["person"]] >= 0]
        np.add.at(self.orders, (bought["at"] // DAY, of_person[bought["person"]]), 1)


def exported(chance: Chance, season: Season, people: int, brought: Brought) -> tuple[Sheet, Export, pa.Table]:
    """Return the rows of daily spend, how they are exported, and the truth.

    The truth has a row a day and campaign: channel, currency and cost in minor units.
    """
    sheet, truth = _spend(chance, season, people, brought)
    return sheet, Export(_SAYS, _FILE, lambda *_: sheet, _BAD, orderly=True), truth


def _spend(chance: Chance, season: Season, people: int, brought: Brought) -> tuple[Sheet, pa.Table]:
    shape = brought.visits.shape
    reported = np.rint(brought.visits * chance.uniform(1.0, 1.25, shape)).astype(np.int64)
    price = column("campaign", "click") * chance.uniform(0.8, 1.2, shape)
    daily = column("campaign", "daily") * people / 200
    cost = np.rint(reported * price + daily).astype(np.int64)
    boast = column("campaign", "boast")
    claimed = (
        chance.poisson(brought.leads * boast + 0.02 * reported * (boast > 1.4)),
        np.rint(brought.orders * boast),
    )
    day, campaign = (axis.ravel() for axis in np.indices(shape))
    kept = np.flatnonzero(cost.ravel() > 0)
    day, campaign, cost = day[kept], campaign[kept], cost.ravel()[kept]
    leads, orders = (each.ravel()[kept].astype(np.int64) for each in claimed)
    columns = _columns(season, day, campaign, cost)
    clicks = reported.ravel()[kept]
    figures = {
        "impressions": clicks * chance.integers(40, 160, len(kept)),
        "clicks": clicks, "leads": leads, "orders": orders,
    }  # fmt: skip
    table = pa.table(
        {"key": columns.pop("key"), **columns, "cost": decimal(cost)}
        | {name: pa.array(values).cast(pa.string()) for name, values in figures.items()}
        | {"revenue": decimal(orders * 24_900)}
    )
    truth = pa.table(
        {
            "spent_on": columns["day"].cast(pa.date32()),
            "channel": columns["channel"],
            "campaign": columns["campaign"],
        }
        | {"currency": columns["currency"], "cost": pa.array(cost)}
    )
    return Sheet("spend", table, day * DAY), truth


def _columns(season: Season, day: Integers, campaign: Integers, cost: Integers) -> dict[str, pa.Array]:
    days = [(season.start + timedelta(each)).isoformat() for each in range(season.days)]
    columns = {"key": pc.binary_join_element_wise(pick(days, day), _of("name", campaign), "/")}
    columns["day"] = pick(days, day)
    return columns | {
        "platform": _of("platform", campaign),
        "channel": _of("channel", campaign),
        "medium": _of("medium", campaign),
        "campaign": _of("name", campaign),
        "currency": _of("currency", campaign),
    }


def _of(name: str, campaign: Integers) -> pa.Array:
    return pick([each[name] for each in words()["campaign"]], campaign)
