"""The prediction's page: what it shows of a model, of a refusal, of drift, and of why somebody converts."""

import re
from datetime import timedelta
from html import unescape

import msgspec
import pytest

from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace
from hedgerow.score import prediction
from hedgerow.web import create_app
from tests.score.prediction.markets import arrived, did, market, on, told
from tests.web.conftest import SignedIn


def test_a_page_without_a_model_says_what_to_do_or_why_there_is_none(workspace: Workspace, signed_in: SignedIn) -> None:
    client = signed_in(create_app(workspace), "viewer")
    assert "hedgerow predict train" in client.get("/prediction").text
    told(workspace, [did("ann", "view", 1), did("ann", "view", 50), did("bob", "view", 300)])
    with pytest.raises(HedgerowError):
        prediction.retrain(workspace, on(400))
    page = client.get("/prediction").text
    assert "too little history to predict from" in page
    assert "data-chart" not in page


def test_a_models_page_shows_its_figures_and_says_why(workspace: Workspace, signed_in: SignedIn) -> None:
    arrived(workspace, market())
    kept = prediction.retrain(workspace, on(400))
    with clock.stopped_at(on(400)):
        client = signed_in(create_app(workspace), "viewer")
        prediction.watch(workspace, clock.now() + timedelta(hours=1))
        told(workspace, [did("<b>keen</b>", "submit", 399)])
        page = client.get("/prediction", params={"who": "email:<b>keen</b>@example.org"}).text
        nobody = client.get("/prediction?who=email:nobody@example.org").text
    charts = [msgspec.json.decode(unescape(each)) for each in re.findall(r'data-chart="([^"]+)"', page)]
    assert [chart["kind"] for chart in charts] == ["line", "bar"]
    tenths = kept.model.quality.tenths
    assert charts[0]["series"][0]["data"] == [each.came for each in tenths[::-1]]
    assert charts[0]["series"][1]["data"] == [each.said for each in tenths[::-1]]
    assert [each["name"] for each in charts[1]["series"]] == ["boosted", "logistic"]
    assert f"{kept.model.quality.auc:.4f}" in page
    assert "Stability index" in page
    assert re.search(r'<span class="mark">for</span> forms 90 days is 1', page)
    assert "<b>keen" not in page
    assert "Nobody is known as" in nobody
