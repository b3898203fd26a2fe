"""What tests share: a workspace of their own, the village, and real data where it is there."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from hedgerow import mill, village
from hedgerow.collect import import_file, load_map
from hedgerow.ledger import Workspace, create_workspace, open_workspace


def examples(quick: int) -> int:
    """Return how many examples a law is tried with: so many, or as many times more as `make soak` says."""
    return quick * int(os.environ.get("HEDGEROW_EXAMPLES", "1"))


# How long an example takes says how busy the machine is, and nothing about what is tested.
settings.register_profile("hedgerow", deadline=None)
settings.load_profile("hedgerow")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
MAPS = ROOT / "examples" / "maps"
KINDS = {"deals": "deal", "spend": "spend"}
SITES = ("copperkettle.example",)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty workspace."""
    made = create_workspace(tmp_path / "workspace", "Test")
    yield made
    made.close()


@pytest.fixture(scope="session")
def village_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a village of 200 people."""
    folder = tmp_path_factory.mktemp("village")
    village.build(folder, people=200, days=180, seed=1)
    return folder


@pytest.fixture(scope="session")
def _village_folder(village_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    made = create_workspace(folder, "The village", "EUR", "Europe/Berlin", SITES)
    import_village(made, village_files)
    made.close()
    return folder


@pytest.fixture
def village_workspace(_village_folder: Path) -> Iterator[Workspace]:
    """A workspace with the village in it; shared between tests, so only to be read."""
    opened = open_workspace(_village_folder)
    yield opened
    opened.close()


def import_village(workspace: Workspace, files: Path) -> None:
    """Import every file of a village and turn the mill."""
    for map_file in sorted((files / "maps").glob("*.toml")):
        file = next(files.glob(f"{map_file.stem}.*"))
        import_file(workspace, KINDS.get(map_file.stem, "touch"), file, load_map(map_file))
    mill.turn(workspace)


def real_data(name: str) -> Path:
    """Return a file of real data, or skip the test where it is absent."""
    file = SHARED / name
    if not file.exists():
        pytest.skip(f"the real data {name} is not beside this repository")
    return file
