"""A real web server's log: channels from referrers, programs marked and left out of journeys."""

from pathlib import Path

from hedgerow import mill
from hedgerow.collect import import_file, load_map
from hedgerow.journeys import walk, way_of
from hedgerow.ledger import create_workspace
from tests.conftest import MAPS, real_data


def test_a_log_becomes_journeys_of_people_by_channel(tmp_path: Path) -> None:
    file = real_data("logs/apache_2015.log.gz")
    workspace = create_workspace(tmp_path / "workspace", "Log", sites=("semicomplete.com",))
    report = import_file(workspace, "touch", file, load_map(MAPS / "apache_2015.toml"))
    mill.turn(workspace)
    assert report.kept + report.dropped == 10_000
    google = workspace.engine.sql(
        "SELECT count(*) AS n FROM touches t JOIN marks m USING (touch_id) "
        "WHERE regexp_matches(t.referrer, '^https?://[^/]*google[.]') AND m.channel_group = 'Organic Search'"
    )
    assert google["n"][0].as_py() >= 560
    known = workspace.engine.sql(
        "SELECT bool_and(m.automaton) AS all_marked, count(*) AS n FROM touches t JOIN marks m USING (touch_id) "
        "WHERE regexp_matches(t.user_agent, 'Googlebot|bingbot|Baiduspider|AhrefsBot|YandexBot')"
    ).to_pylist()[0]
    assert known["all_marked"]
    assert known["n"] > 500
    steps = sum(len(paths.label) for paths in walk(workspace, way_of(workspace)))
    counted = workspace.engine.sql("SELECT count(*) AS n FROM marks WHERE channel IS NOT NULL AND NOT automaton")
    assert steps == counted["n"][0].as_py() > 1_000
    workspace.close()
