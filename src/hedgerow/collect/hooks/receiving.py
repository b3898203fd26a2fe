"""Receiving: a webhook that hedgerow.toml names, shown to be genuine, as a request for the inbox."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec

from hedgerow.collect.hooks.scheme import verify
from hedgerow.collect.map import Map, load_map
from hedgerow.kit import HedgerowError, clock, nearest
from hedgerow.ledger import Request, Workspace

KIND = "hook:"
"""What the kind of a webhook's request begins with; its name follows."""


class Unknown(HedgerowError):
    """A webhook that hedgerow.toml does not name."""


def received(workspace: Workspace, name: str, headers: Mapping[str, str], body: bytes) -> Request:
    """Return what to keep of a delivery to the webhook `name`: its objects as they came, and the sender's id of it.

    Raises `Unknown`, `Forged` where its signature does not hold, and `HedgerowError` for what is no JSON and no form.
    """
    hooks = workspace.settings.hooks
    if name not in hooks:
        raise Unknown(f"No webhook is called '{name[:64]}'.{nearest(name[:64], hooks)}")
    now = clock.now()
    delivery = verify(hooks[name].scheme, _secret(workspace, name), headers, body, now)
    arrived = clock.microseconds(now)
    head: dict[str, object] = {"arrived": arrived, **({"delivery": delivery} if delivery else {})}
    return Request(KIND + name, msgspec.json.encode(head).decode(), _objects(headers, body), arrived)


def map_of(workspace: Workspace, name: str) -> Map:
    """Return the map of a webhook; raises `HedgerowError` where it can't be read."""
    return load_map(workspace.folder / workspace.settings.hooks[name].map)


def _secret(workspace: Workspace, name: str) -> str:
    hook = workspace.settings.hooks[name]
    if not hook.secret_file:
        return hook.secret
    try:
        return (workspace.folder / Path(hook.secret_file)).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HedgerowError(f"The secret of the webhook '{name}' can't be read ({error}): correct its file.") from None


def _objects(headers: Mapping[str, str], body: bytes) -> bytes:
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
        return b"[" + msgspec.json.encode(dict(pairs)) + b"]"
    try:
        body.decode()
        one = body.strip().startswith(b"{")
        listed = [msgspec.Raw(body)] if one else msgspec.json.decode(body, type=list[msgspec.Raw])
        if one:
            msgspec.json.decode(body, type=msgspec.Raw)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise HedgerowError(
            f"The body is no JSON object, nor a list of some, nor a form ({error}): send one."
        ) from None
    return b"[" + b",".join(listed) + b"]"
