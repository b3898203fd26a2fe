"""The scope of a question: the tables, journeys and credit that a measure's expression may ask for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa

from hedgerow.attribution import Credited, credits_by, postings
from hedgerow.journeys import NO_CAMPAIGN, SWARMS, Journeys, Paths, Sessions, conclude, prepare, sessions, walk, way_of
from hedgerow.kit.clock import microseconds, offsets
from hedgerow.ledger import Workspace, zone_of
from hedgerow.measures.measure import Asked
from hedgerow.people import clusters

_EVER = (0, 4_102_444_800_000_000)
_LAST = date(2099, 12, 31)
_END = 4_102_531_200


@dataclass(frozen=True)
class Scope:
    """What a question is asked of: a workspace, and the parameters with their defaults put in."""

    workspace: Workspace
    asked: Asked

    def __post_init__(self) -> None:
        prepare(self.workspace)

    @property
    def by(self) -> str:
        """What the rows are: channel, channel_group or campaign."""
        return self.asked.by or "channel"

    @property
    def models(self) -> list[str]:
        """The attribution models asked for, each as a spec like markov:2."""
        return [spec.strip() for spec in (self.asked.model or "").split(",") if spec.strip()]

    @cached_property
    def period(self) -> tuple[int, int]:
        """The first instant asked for and the first one behind it, in microseconds since 1970 UTC."""
        zone = zone_of(self.workspace)
        since = _midnight(min(self.asked.since, _LAST), zone) if self.asked.since else _EVER[0]
        until = _midnight(min(self.asked.until, _LAST) + timedelta(days=1), zone) if self.asked.until else _EVER[1]
        return since, until

    def marks(self) -> ibis.Table:
        """Return the marked touches of the period that people made, with `day` and `person`."""
        marks = self.workspace.engine.table("marks")
        since, until = (_instant(edge) for edge in self.period)
        swarms = ibis.memtable(self.workspace.engine.sql(SWARMS))
        marks = marks.anti_join(swarms, ["hand", "occurred_at"])
        marks = marks.filter(~marks.automaton, marks.occurred_at >= since, marks.occurred_at < until)
        person = clusters(self.workspace).person
        people = ibis.memtable(pa.table({"actor_code": np.arange(len(person)), "person": person}))
        return marks.mutate(day=self._day(marks.occurred_at)).inner_join(people, "actor_code")

    def residues(self) -> ibis.Table:
        """Return what stays of erased people's touches in the period, with `day`, the middle of their month."""
        residues = self.workspace.engine.table("residues")
        residues = residues.filter(residues.channel.notnull()).mutate(
            occurred_at=(residues.period + "-15 12:00:00").cast("timestamp('UTC')"), campaign=ibis.null("string")
        )
        since, until = (_instant(edge) for edge in self.period)
        residues = residues.filter(residues.occurred_at >= since, residues.occurred_at < until)
        return residues.mutate(day=self._day(residues.occurred_at))

    def spend(self) -> pa.Table:
        """Return the spend of the period with the channel, group and campaign concluded as for a touch."""
        spend = self.workspace.engine.sql("SELECT * FROM spend ORDER BY spent_on, row_id")
        day = spend["spent_on"].cast(pa.int32())
        first = (self.asked.since or date.min).toordinal() - date(1970, 1, 1).toordinal()
        last = (self.asked.until or date.max).toordinal() - date(1970, 1, 1).toordinal()
        spend = spend.filter(pa.compute.and_(pa.compute.greater_equal(day, first), pa.compute.less_equal(day, last)))
        stated = {name: spend[name] for name in ("channel", "medium", "campaign")}
        nothing = pa.nulls(len(spend), pa.string())
        clicked = pa.array(["click"] * len(spend), pa.string())
        as_touch = pa.table({**stated, "verb": clicked, "url": nothing, "referrer": nothing, "user_agent": nothing})
        known = conclude(as_touch, ())
        for name in ("channel", "channel_group", "campaign"):
            spend = spend.drop_columns([name]) if name in spend.column_names else spend
            label = pa.compute.fill_null(known[name], NO_CAMPAIGN) if name == "campaign" else known[name]
            spend = spend.append_column(name, label)
        return spend

    @cached_property
    def journeys(self) -> Journeys:
        """The journeys that ended in the period, labelled as asked."""
        return self._ended(walk(self.workspace, way_of(self.workspace, self.by)))

    def credit(self) -> list[Credited]:
        """Return the credit by label of the outcomes of the period, by each model asked for."""
        return credits_by(self.journeys, self.models)

    def first_credit(self, earned: str) -> Credited:
        """Return the credit of becoming a lead, or a customer: of each unit's first outcome of that kind."""
        verbs = self.workspace.settings.journeys.leads if earned == "leads" else None
        first = walk(self.workspace, way_of(self.workspace, self.by, verbs)).only(Paths.first_converted)
        return credits_by(self._ended(first), self.models[:1])[0]

    def postings(self, spec: str) -> pa.Table:
        """Return the postings of the outcomes of the period by one model."""
        return postings(self.workspace, self.journeys, spec)

    def _ended(self, journeys: Journeys) -> Journeys:
        since, until = self.period
        return journeys.only(lambda paths: paths.ended_within(since, until))

    def sessions(self) -> Sessions:
        """Return the sessions that began in the period, by the label asked for."""
        return sessions(self.workspace, self.by, *self.period)

    def _day(self, instant: ibis.Value) -> ibis.Value:
        """Return the day of an instant in the workspace's zone, in days since 1970, on any engine."""
        seconds = instant.epoch_seconds()
        cases = [(seconds < edge, ahead) for edge, ahead in offsets(zone_of(self.workspace), 0, _END)]
        shift = ibis.cases(*cases, else_=0) if cases else 0
        return ((seconds + shift) // 86_400).cast("int32")


def _midnight(day: date, zone: ZoneInfo) -> int:
    return microseconds(datetime.combine(day, time(), zone))


def _instant(edge: int) -> datetime:
    return datetime.fromtimestamp(edge // 1_000_000, UTC)
