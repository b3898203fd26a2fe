"""Any interleaving of touches, merges, cuts, splits, undoing and erasing: folded as it comes equals made anew."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hedgerow import mill, people
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, create_workspace, open_workspace
from tests.conftest import examples
from tests.people.acting import Acting

NAMES = (
    "email:ann@x.example", "email:bob@x.example", "crm:1", "crm:2", "mastodon:ann@y.example", "anonymous:1",
    "anonymous:2", "phone:+491", "ip:192.0.2.1",
)  # fmt: skip
NAME = st.sampled_from(NAMES)
STEP = st.one_of(
    st.tuples(st.just("touch"), NAME, st.lists(NAME, max_size=2), st.sampled_from(["identify", "unsubscribe"])),
    st.tuples(st.just("merge"), NAME, NAME),
    st.tuples(st.just("split"), NAME),
    st.tuples(st.just("cut"), NAME, st.integers(0, 3)),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("forget"), NAME),
)

ANN, BOB = NAMES[:2]
APART_THEN_FORGOTTEN: list[tuple[Any, ...]] = [
    ("touch", ANN, [], "unsubscribe"), ("touch", BOB, [], "identify"), ("merge", ANN, BOB), ("split", ANN),
    ("forget", ANN),
]  # fmt: skip
"""Bob keeps what was refused for both of them while they were one, though it was Ann who said it."""


@given(st.lists(STEP, min_size=3, max_size=9))
@example(APART_THEN_FORGOTTEN)
@settings(max_examples=examples(4))
def test_live_equals_made_anew_and_what_was_refused_stays_refused(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder) / "workspace", "Test")
        acting, refused, erased = Acting(workspace), set(), set()
        for step in steps:
            before = _refusing(acting) if step[0] == "forget" else set()
            with suppress(HedgerowError):
                erased |= set(_do(acting, step))
            refused |= {step[1]} if step[0] == "touch" and step[3] == "unsubscribe" else set()
            refused = (refused | before) - erased
            assert all("mail" in acting.refused(name) for name in refused)
            assert not erased & _known(workspace)
        live = people.clusters(workspace)
        mill.rebuild(workspace)
        other = open_workspace(workspace.folder)
        anew = people.clusters(other)
        assert anew.person.tolist() == live.person.tolist()
        assert anew.shared.tolist() == live.shared.tolist()
        assert anew.refused.tolist() == live.refused.tolist()
        assert people.profiles(other).to_pylist() == people.profiles(workspace).to_pylist()
        other.close()
        workspace.close()


def _known(workspace: Workspace) -> set[str]:
    if "identifiers" not in workspace.derived.names():
        return set()
    return set(workspace.engine.sql("SELECT kind || ':' || value AS name FROM identifiers")["name"].to_pylist())


def _refusing(acting: Acting) -> set[str]:
    return {name for name in _known(acting.workspace) & set(NAMES) if "mail" in acting.refused(name)}


def _do(acting: Acting, step: tuple[Any, ...]) -> Sequence[str]:
    """Do a step; return whom it erased."""
    workspace = acting.workspace
    if step[0] == "forget":
        return acting.forget(step[1])
    if step[0] == "touch":
        acting.touch(step[1], *step[2], verb=step[3], properties={"city": step[1]})
    elif step[0] == "merge":
        acting.merge(step[1], step[2])
    elif step[0] == "split":
        acting.split([step[1]])
    elif step[0] == "cut":
        known = [row["name"] for row in people.identifiers(workspace, people.clusters(workspace).person.tolist())]
        rows = people.evidence_of(workspace, acting.person(step[1])) if step[1] in known else []
        if len(rows) > step[2] and rows[step[2]]["says"] != "human":
            acting.cut_last(rows[step[2]])
    elif len(made := people.decisions(workspace)) > step[1]:
        acting.undo(made[step[1]].touch_id)
    return ()
