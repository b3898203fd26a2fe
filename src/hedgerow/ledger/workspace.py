"""The workspace: one folder with its settings, record, inbox, lake, indexes and derived tables."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import sqlalchemy as sa

from hedgerow.kit import HedgerowError, money, nearest
from hedgerow.kit.lock import held
from hedgerow.kit.settings import load_settings
from hedgerow.ledger import record, touch
from hedgerow.ledger.engine import Engine
from hedgerow.ledger.erasure.tables import REDACTIONS, RESIDUES
from hedgerow.ledger.intake import restated
from hedgerow.ledger.intake.inbox import Inbox
from hedgerow.ledger.lake import Lake

FILE = "hedgerow.toml"
_MILL = 4734190
_PATIENCE = 2.0  # A request may wait for a commit that fails and for its own: senders give up after five seconds.


class General(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[workspace]: its name, the zone its days follow, its main currency, its own sites."""

    name: str = "Hedgerow"
    zone: str = "UTC"
    currency: str = "EUR"
    sites: tuple[str, ...] = ()


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[record]: where the record database is; nothing means SQLite in the workspace."""

    url: str = ""


class Journeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[journeys]: how touches become journeys."""

    unit: str = "person"
    lookback_days: Annotated[int, msgspec.Meta(ge=1, le=36_500)] = 90
    session_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)] = 30
    outcomes: tuple[str, ...] = ("purchase", "convert", "win")
    leads: tuple[str, ...] = ("submit", "register")


class Accounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[accounts]: which company owns which (subsidiary = parent), whether journeys of an account are its owner's, and
    mail domains that anybody can have an address at."""

    parents: dict[str, str] = {}
    roll_up: bool = False
    free_mail: tuple[str, ...] = ()


class Leads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[leads]: which forms ask for contact, by which verbs sales reaches out, and by which a lead answers."""

    asks: tuple[str, ...] = ("demo", "trial", "pricing", "quote", "contact")
    contacts: tuple[str, ...] = ("call", "meet")
    answers: tuple[str, ...] = ("meet", "accept", "tentativeaccept")


class Audiences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[audiences]: at most how many messages a person is sent in so many days; 0 is without bound."""

    most: Annotated[int, msgspec.Meta(ge=0)] = 0
    days: Annotated[int, msgspec.Meta(ge=1, le=3_650)] = 7


class Collect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[collect]: the address collecting is reached at from outside, and when it stops taking in."""

    url: str = "http://127.0.0.1:8401"
    inbox_gigabytes: Annotated[float, msgspec.Meta(gt=0)] = 16.0
    free_megabytes: Annotated[float, msgspec.Meta(ge=0)] = 256.0


class Pages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[pages]: the host names the pages are asked for by, beside this machine's own; others are refused."""

    names: tuple[str, ...] = ()


class Erasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[erasure]: the folder for the second copy of the tombstones; nothing means the one the workspace stands in."""

    tombstones: str = ""


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[hooks.NAME]: a webhook: the map of its rows, how it is signed, and the secret (or the file that holds it)."""

    map: str
    scheme: str = "standard"
    secret: str = ""
    secret_file: str = ""


class SignalSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[score.signals.NAME]: what a workspace says otherwise of a signal, or one of its own."""

    says: str | None = None
    group: str | None = None
    verbs: tuple[str, ...] | None = None
    when: str | None = None
    points: float | None = None
    half_life_days: float | None = None
    cap_per_day: float | None = None
    cap: float | None = None


class FitSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[score.fits.NAME]: what a workspace says otherwise of a fit, or one of its own."""

    says: str | None = None
    trait: str | None = None
    when: str | None = None
    points: float | None = None


class Score(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[score]: the points that make an engagement of 50, the share of fit in the score, the least of each grade, and
    whom we sell to."""

    half_at: Annotated[float, msgspec.Meta(gt=0)] = 40.0
    fit_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.4
    fit_grades: tuple[float, float, float] = (60.0, 40.0, 20.0)
    engagement_grades: tuple[float, float, float] = (70.0, 45.0, 20.0)
    industries: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    weights: dict[str, int] = {}
    signals: dict[str, SignalSaid] = {}
    fits: dict[str, FitSaid] = {}


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `hedgerow.toml` may say; [fields] declares custom fields as name = type, [events] the verb of an event,
    and [hooks.NAME] the webhooks that are taken in."""

    workspace: General = General()
    record: Record = Record()
    journeys: Journeys = Journeys()
    accounts: Accounts = Accounts()
    leads: Leads = Leads()
    audiences: Audiences = Audiences()
    collect: Collect = Collect()
    pages: Pages = Pages()
    erasure: Erasure = Erasure()
    score: Score = Score()
    fields: dict[str, str] = {}
    events: dict[str, str] = {}
    hooks: dict[str, Hook] = {}


class Workspace:
    """One folder; open it with `open_workspace`."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.lake = Lake(folder / "lake")
        self.derived = Lake(folder / "derived")

    @cached_property
    def record(self) -> sa.Engine:
        """The record database."""
        return record.connect(self.settings.record.url or record.sqlite_url(self.folder / "record.db"))

    @cached_property
    def inbox(self) -> Inbox:
        """The durable front; with SQLite in a file of its own, so accepting never waits for the mill."""
        if self.settings.record.url:
            return Inbox(self.record)
        return Inbox(record.connect(record.sqlite_url(self.folder / "inbox.db"), _PATIENCE))

    @cached_property
    def engine(self) -> Engine:
        """The engine that hands tables to the rooms above."""
        return Engine(self.lake, self.derived, self.record)

    @property
    def version(self) -> int:
        """The ledger's version: the last turn that is done, 0 for an empty ledger."""
        done = sa.select(sa.func.max(record.TURNS.c.number)).where(record.TURNS.c.state == "done")
        with self.record.connect() as connection:
            return connection.scalar(done) or 0

    @property
    def settled(self) -> str | None:
        """What is derived, by name: the ledger's version and its steps' cursors; None while a step is behind."""
        with self.record.connect() as connection:
            rows = connection.execute(sa.select(record.CURSORS).where(record.CURSORS.c.step != "inbox")).all()
        version, turns = self.version, sorted((row.step, row.turn) for row in rows)
        behind = (not turns and version > 0) or any(turn < version for _, turn in turns)
        return None if behind else repr((version, turns))

    @property
    def masked(self) -> tuple[int, ...]:
        """The numbers of the imports that were undone."""
        with self.record.connect() as connection:
            return tuple(sorted(connection.scalars(sa.select(record.MASKS.c.batch))))

    @contextmanager
    def held(self, wait: float = 10.0) -> Iterator[None]:
        """Hold the workspace's mill; only its holder writes to the lake. Raises `HedgerowError` if taken."""
        with held(self.folder / "mill.lock", wait), _elected(self.record, wait):
            yield

    def close(self) -> None:
        """Let go of databases and threads."""
        for name in ("inbox", "engine", "record"):
            if name in self.__dict__:
                part = self.__dict__.pop(name)
                part.dispose() if isinstance(part, sa.Engine) else part.close()


@contextmanager
def _elected(engine: sa.Engine, wait: float) -> Iterator[None]:
    # One PostgreSQL record may serve several hosts: there a session lock elects the one that turns the mill.
    if engine.dialect.name != "postgresql":
        yield
        return
    until = time.monotonic() + wait
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_MILL))):
            if time.monotonic() >= until:
                raise HedgerowError("Another host is turning the mill of this record: wait for it, or stop it.")
            time.sleep(0.1)
        try:
            yield
        finally:
            # The connection goes back to its pool, and would keep the lock.
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_MILL)))


def create_workspace(
    folder: Path, name: str, currency: str = "EUR", zone: str = "UTC", sites: Sequence[str] = ()
) -> Workspace:
    """Make a workspace in `folder` (created if missing) and return it; an existing one is opened as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / FILE).exists():
        quoted = msgspec.json.encode(name).decode()
        _check(Settings(General(name, zone, currency)))
        listed = msgspec.json.encode(list(sites)).decode()
        text = f'[workspace]\nname = {quoted}\nzone = "{zone}"\ncurrency = "{currency}"\nsites = {listed}\n'
        (folder / FILE).write_text(text, "utf-8")
    return open_workspace(folder)


def open_workspace(folder: Path) -> Workspace:
    """Return the workspace in `folder`; raises `HedgerowError` where there is none or it can't be used."""
    if not (folder / FILE).exists():
        raise HedgerowError(f"{folder} is no workspace (it has no {FILE}): run `hedgerow init --workspace {folder}`.")
    if "%" in str(folder.resolve()):
        raise HedgerowError(f"{folder} has a % in its path, which the lake can't be kept under: use another folder.")
    settings = load_settings(Settings, folder / FILE, "HEDGEROW")
    _check(settings)
    workspace = Workspace(folder.resolve(), settings)
    workspace.lake.ensure(touch.TOUCHES, touch.custom(settings.fields))
    for table in (restated.SPEND.table, restated.DEALS.table, touch.REPEATS, RESIDUES, REDACTIONS):
        workspace.lake.ensure(table)
    return workspace


def _check(settings: Settings) -> None:
    general, journeys, leads = settings.workspace, settings.journeys, settings.leads
    if general.zone not in available_timezones():
        raise HedgerowError(f"No zone is called '{general.zone}'.{nearest(general.zone, available_timezones())}")
    if general.currency not in money.EXPONENTS:
        raise HedgerowError(f"No currency is called '{general.currency}'.{nearest(general.currency, money.EXPONENTS)}")
    if journeys.unit not in ("person", "account"):
        raise HedgerowError(f"No unit is called '{journeys.unit}'.{nearest(journeys.unit, ('person', 'account'))}")
    known = [verb for group in touch.verbs().values() for verb in group]
    named = {"journeys": (*journeys.outcomes, *journeys.leads), "leads": (*leads.contacts, *leads.answers)}
    for section, verb in ((section, verb) for section, verbs in named.items() for verb in verbs):
        if verb not in known:
            raise HedgerowError(f"[{section}] names the verb '{verb}', which is unknown.{nearest(verb, known)}")
    for name, kind in settings.fields.items():
        if kind not in touch.FIELD_TYPES:
            raise HedgerowError(f"The field '{name}' has the type '{kind}'.{nearest(kind, touch.FIELD_TYPES)}")
        if (
            not name.isidentifier()
            or name != name.lower()
            or name in {*touch.KEPT.names, "id", "sender_id", "place", "line", "fault", "content", "reason"}
        ):
            raise HedgerowError(f"The field '{name}' can't be a column: use another name in small letters.")


def zone_of(workspace: Workspace) -> ZoneInfo:
    """Return the zone the workspace's days follow."""
    return ZoneInfo(workspace.settings.workspace.zone)
