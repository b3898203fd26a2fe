"""Every signal and fit of the shelves, by worked cases: what a touch gives, whom a fit fits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
import yaml

from hedgerow import mill
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Touch, Workspace, create_workspace, open_workspace
from hedgerow.ledger.workspace import FitSaid, SignalSaid
from hedgerow.people import clusters
from hedgerow.score import GROUPS, fit_shelf, fits_of, signal_shelf, signals_of
from hedgerow.score.fit import fitting
from hedgerow.score.known import known_of
from hedgerow.score.weights import WEIGHTS, weights_of

HERE = Path(__file__).parent
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _cases(shelf: str) -> list[dict[str, Any]]:
    return [
        {**case, "stem": file.stem}
        for file in sorted((HERE / shelf).glob("*.yaml"))
        for case in yaml.safe_load(file.read_text("utf-8"))
    ]


SIGNALS, FITS = _cases("signals"), _cases("fits")


def _said(case: dict[str, Any]) -> str:
    return f"{case['stem']}: {case['it']}"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("signals") / "workspace"
    made = create_workspace(folder, "Cases", sites=("copperkettle.example",))
    own = msgspec.structs.replace(
        made.settings.score, industries=("Software",), countries=("DE", "AT"), competitors=("rival.example",)
    )
    made.settings = msgspec.structs.replace(made.settings, score=own)
    made.inbox.accept([*map(_acting, range(len(SIGNALS)), SIGNALS), *map(_telling, range(len(FITS)), FITS)])
    mill.turn(made)
    yield made
    made.close()


def _acting(number: int, case: dict[str, Any]) -> Touch:
    return Touch(occurred_at=START, source="case", actor=f"case:{number}", **case["touch"])


def _telling(number: int, case: dict[str, Any]) -> Touch:
    known = dict(case["known"])
    mail = known.pop("mail", None)
    claims = (f"email:{mail.replace('@', f'+{number}@')}",) if mail else ()
    told = msgspec.json.encode(known).decode()
    return Touch(
        occurred_at=START, source="case", verb="identify", actor=f"person:{number}", claims=claims, properties=told
    )


@pytest.fixture(scope="module")
def given(workspace: Workspace) -> dict[str, tuple[str, float]]:
    rows = workspace.engine.sql("SELECT actor, signal, thousandths FROM points JOIN touches USING (touch_id)")
    return {row["actor"]: (row["signal"], row["thousandths"] / 1000) for row in rows.to_pylist()}


@pytest.fixture(scope="module")
def fitted(workspace: Workspace) -> set[tuple[str, str]]:
    known, person = known_of(workspace, clock.microseconds(START)), clusters(workspace).person
    rows = workspace.engine.sql(
        "SELECT kind || ':' || value AS who, fit FROM fits JOIN members USING (person) JOIN identifiers USING (code)",
        fits=fitting(workspace, known),
        members=pa.table({"person": person, "code": range(len(person))}),
    )
    return {(row["who"], row["fit"]) for row in rows.to_pylist()}


@pytest.mark.parametrize(("number", "case"), enumerate(SIGNALS), ids=map(_said, SIGNALS))
def test_a_touch_gives_what_its_case_says(
    number: int, case: dict[str, Any], given: dict[str, tuple[str, float]]
) -> None:
    signal, points = given.get(f"case:{number}", ("", 0.0))
    if not case["gives"]:
        assert signal != case["stem"]
    else:
        assert (signal, points) == (case["stem"], case["gives"])


@pytest.mark.parametrize(("number", "case"), enumerate(FITS), ids=map(_said, FITS))
def test_a_fit_fits_whom_its_case_says(number: int, case: dict[str, Any], fitted: set[tuple[str, str]]) -> None:
    assert ((f"person:{number}", case["stem"]) in fitted) is case["fits"]


def test_every_signal_and_fit_has_a_case_that_holds_and_one_that_does_not() -> None:
    for cases, shelf in ((SIGNALS, signal_shelf()), (FITS, fit_shelf())):
        verdicts = {(case["stem"], bool(case.get("gives") or case.get("fits"))) for case in cases}
        assert verdicts == {(stem, held) for stem in shelf for held in (True, False)}


def test_every_group_has_a_signal_and_every_weight_its_kind_and_sentence() -> None:
    assert {signal.group for signal in signal_shelf().values()} == set(GROUPS)
    assert all(weight.says.endswith(".") and weight.percent != 100 for weight in WEIGHTS)


def _with(workspace: Workspace, **said: Any) -> Any:
    return msgspec.structs.replace(workspace.settings, score=msgspec.structs.replace(workspace.settings.score, **said))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"signals": {"pricng_page": SignalSaid(points=4)}}, "Did you mean 'pricing_page'?"),
        ({"signals": {"visit": SignalSaid(verbs=("veiw",))}}, "Did you mean 'view'?"),
        ({"signals": {"visit": SignalSaid(group="wep")}}, "Did you mean 'web'?"),
        ({"signals": {"visit": SignalSaid(when="pag = '/'")}}, "Did you mean 'page'?"),
        ({"signals": {"visit": SignalSaid(when="read_csv(page)")}}, "isn't allowed"),
        ({"signals": {"visit": SignalSaid(half_life_days=0)}}, "make it more than 0"),
        ({"signals": {"visit": SignalSaid(cap=-1)}}, "make it 0 or more"),
        ({"signals": {"visit": SignalSaid(points=5_000)}}, "stay within 1,000"),
        ({"fits": {"decide": FitSaid(points=4)}}, "Did you mean 'decides'?"),
        ({"fits": {"decides": FitSaid(when="role = ")}}, "correct the expression"),
        ({"weights": {"advocates": 120}}, "Did you mean 'advocate'?"),
        ({"weights": {"advocate": -1}}, "use 0 to 1,000"),
    ],
)
def test_a_bad_setting_is_refused_in_a_sentence(workspace: Workspace, said: dict[str, Any], sentence: str) -> None:
    settings = _with(workspace, **said)
    with pytest.raises(HedgerowError, match=sentence.replace("?", r"\?")):
        signals_of(settings), fits_of(settings), weights_of(settings)


def test_a_workspace_changes_a_signal_and_adds_its_own(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "workspace", "Own")
    file = made.folder / "hedgerow.toml"
    made.close()
    file.write_text(
        file.read_text("utf-8")
        + "[score.signals.pricing_page]\npoints = 3.5\nhalf_life_days = 7\n"
        + "[score.signals.podcast]\nsays = 'They heard it.'\ngroup = 'event'\nverbs = ['listen']\npoints = 20\n"
        + "[score.weights]\nadvocate = 200\n",
        "utf-8",
    )
    own = open_workspace(made.folder)
    seen: dict[str, Any] = {"source": "web", "actor": "anonymous:1"}
    own.inbox.accept(
        [
            Touch(occurred_at=START, verb="view", url="https://x.example/pricing", channel="Advocate", **seen),
            Touch(occurred_at=START + timedelta(hours=1), verb="listen", **seen),
        ]
    )
    mill.turn(own)
    rows = own.engine.sql("SELECT signal, thousandths FROM points ORDER BY signal").to_pylist()
    assert [(row["signal"], row["thousandths"]) for row in rows] == [("podcast", 20_000), ("pricing_page", 7_000)]
    own.close()
