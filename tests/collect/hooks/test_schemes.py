"""Webhooks: the senders' own examples are genuine, and anything that is changed in one is not."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from hedgerow.collect.hooks import Forged, scheme_shelf, verify
from hedgerow.collect.hooks.scheme import TOLERANCE
from hedgerow.kit import HedgerowError
from tests.conftest import real_data

CASES = yaml.safe_load((Path(__file__).parent / "vectors.yaml").read_text("utf-8"))
SIGNED = [case for case in CASES if case["scheme"] not in ("none", "token")]
TIMED = [case for case in SIGNED if "at" in case]
NOT_SIGNED = ("x-github-delivery", "x-shopify-webhook-id", "idempotency-key")


def _named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["it"]) for case in cases]


def _at(case: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(case.get("at", 1_700_000_000), UTC)


def verified(case: dict[str, Any], late: timedelta = timedelta(), **changed: Any) -> str | None:
    """Verify a case with some of its parts changed."""
    parts = {"scheme": case["scheme"], "secret": case["secret"], "headers": case["headers"]} | changed
    body = changed.get("body", case["body"].encode())
    return verify(parts["scheme"], parts["secret"], parts["headers"], body, _at(case) + late)


@pytest.mark.parametrize("case", _named(CASES))
def test_a_delivery_is_genuine_and_says_its_id(case: dict[str, Any]) -> None:
    assert verified(case) == case["id"]
    shouted = {name.upper(): f" {value} " for name, value in case["headers"].items() if name not in NOT_SIGNED}
    assert verified(case, headers={**case["headers"], **shouted}) == case["id"]


@pytest.mark.parametrize("case", _named(SIGNED))
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_body_with_one_bit_changed_is_forged(case: dict[str, Any], place: int, bit: int) -> None:
    body = bytearray(case["body"].encode())
    body[place % len(body)] ^= 1 << bit
    with pytest.raises(Forged, match="signature is not that"):
        verified(case, body=bytes(body))


@pytest.mark.parametrize("case", _named(SIGNED))
@given(more=st.binary(min_size=1, max_size=40), before=st.booleans())
def test_a_body_with_more_in_it_is_forged(case: dict[str, Any], more: bytes, before: bool) -> None:
    body = case["body"].encode()
    with pytest.raises(Forged):
        verified(case, body=more + body if before else body + more)


@pytest.mark.parametrize("case", _named([case for case in CASES if case["scheme"] != "none"]))
@given(secret=st.text(min_size=1, max_size=40))
def test_another_secret_is_refused(case: dict[str, Any], secret: str) -> None:
    assume(secret.strip().rstrip("=") not in (case["secret"], case["secret"].removeprefix("whsec_")))
    # Keys that HMAC pads to the same block are one key: those with zero bytes behind.
    assume(secret.rstrip("\0") != case["secret"])
    with pytest.raises(HedgerowError):
        verified(case, secret=secret)


@pytest.mark.parametrize("case", _named([case for case in CASES if case["scheme"] != "none"]))
@given(data=st.data(), text=st.text(max_size=80))
def test_a_header_that_is_changed_is_refused(case: dict[str, Any], data: st.DataObject, text: str) -> None:
    name = data.draw(st.sampled_from(sorted(set(case["headers"]) - set(NOT_SIGNED))))
    assume(case["secret"] not in text)
    if text.strip() == case["headers"][name]:
        return
    with pytest.raises(Forged):
        verified(case, headers={**case["headers"], name: text})


@pytest.mark.parametrize("case", _named([case for case in CASES if case["scheme"] != "none"]))
def test_a_header_that_is_missing_is_named(case: dict[str, Any]) -> None:
    for name in set(case["headers"]) - set(NOT_SIGNED):
        left = {other: value for other, value in case["headers"].items() if other != name}
        with pytest.raises(Forged, match="missing" if case["scheme"] != "token" else "No token came"):
            verified(case, headers=left)


@pytest.mark.parametrize("case", _named([case for case in CASES if case["scheme"] != "none"]))
@pytest.mark.parametrize("secret", ["", "  "])
def test_an_empty_secret_signs_nothing(case: dict[str, Any], secret: str) -> None:
    with pytest.raises(HedgerowError, match="has no secret"):
        verified(case, secret=secret)


@pytest.mark.parametrize("case", _named(TIMED))
@pytest.mark.parametrize("way", [1, -1])
def test_a_clock_may_be_off_by_five_minutes_either_way_and_no_more(case: dict[str, Any], way: int) -> None:
    assert verified(case, late=way * TOLERANCE) == case["id"]
    with pytest.raises(Forged, match="ago" if way > 0 else "ahead"):
        verified(case, late=way * (TOLERANCE + timedelta(milliseconds=501)))


@pytest.mark.parametrize("stated", ["1e9", "-1", "+1614265330", "1614265330.0", "١٦١٤٢٦٥٣٣٠", "9" * 30, "soon", "nan"])
def test_a_time_that_is_no_plain_number_is_refused(stated: str) -> None:
    case = CASES[0]
    with pytest.raises(Forged, match="no number of seconds"):
        verified(case, headers={**case["headers"], "webhook-timestamp": stated})


def test_stripes_header_has_one_time() -> None:
    case = next(case for case in CASES if case["scheme"] == "stripe")
    header = case["headers"]["stripe-signature"]
    with pytest.raises(Forged, match="not one time"):
        verified(case, headers={"stripe-signature": f"t=9999999999,{header}"})


def test_the_shared_vector_is_genuine() -> None:
    vector = json.loads(real_data("protocols/standard_webhooks_vector.json").read_text("utf-8"))
    headers = {"webhook-id": vector["msg_id"], "webhook-timestamp": str(vector["timestamp"])}
    headers["webhook-signature"] = vector["signature"]
    present = datetime.fromtimestamp(vector["timestamp"], UTC)
    assert verify("standard", vector["secret"], headers, vector["payload"].encode(), present) == vector["msg_id"]


@given(
    key=st.binary(min_size=1, max_size=64),
    name=st.text(alphabet="abcXYZ019_-.", min_size=1, max_size=40),
    text=st.text(max_size=200),
    seconds=st.integers(0, 4_000_000_000),
)
def test_what_the_reference_library_signs_is_genuine(key: bytes, name: str, text: str, seconds: int) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    present = datetime.fromtimestamp(seconds, UTC)
    signature = standardwebhooks.Webhook(secret).sign(name, present, text)
    headers = {"Webhook-Id": name, "Webhook-Timestamp": str(seconds), "Webhook-Signature": signature}
    assert verify("standard", secret, headers, text.encode(), present) == name
    assert verify("standard", secret.rstrip("="), headers, text.encode(), present) == name


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!!!", "whsec_a", "whsec_=", "ключ"])
def test_a_secret_that_is_no_base64_is_refused_with_what_to_do(secret: str) -> None:
    with pytest.raises(HedgerowError, match="with whsec_ before it"):
        verified(CASES[0], secret=secret)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": 7}', b'{"id": null}', b"\xff", b"{", b'{"id":"\xff"}'])
def test_a_body_without_an_id_is_genuine_all_the_same(body: bytes) -> None:
    signature = hmac.new(b"hush", b"1700000000." + body, hashlib.sha256).hexdigest()
    headers = {"stripe-signature": f"t=1700000000,v1={signature}"}
    assert verify("stripe", "hush", headers, body, datetime.fromtimestamp(1_700_000_000, UTC)) is None


def test_a_scheme_nobody_knows_is_refused_with_the_nearest() -> None:
    with pytest.raises(HedgerowError, match="Did you mean 'github'"):
        verify("gihub", "hush", {}, b"", datetime.now(UTC))
    assert set(scheme_shelf()) == {"standard", "github", "stripe", "slack", "shopify", "token", "none"}
