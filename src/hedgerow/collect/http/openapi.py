"""OpenAPI: what the door takes and answers, as a document that is made of the shapes it checks against."""

from functools import cache
from typing import Any

import msgspec

from hedgerow import __version__
from hedgerow.collect.http.bodies import MOST_EVENTS
from hedgerow.collect.protocols import segment, snowplow

_TYPES = ("track", "identify", "page", "screen", "group", "alias")
_SHORT = ("t", "i", "p", "s", "g", "a")
_TEXT = {"type": "string"}
_JSON = "application/json"
_REFUSALS = {
    "400": "What was sent can't be read or kept; the sentence says why, and sending it again does not help.",
    "401": "The write key is missing, unknown or revoked.",
    "403": "The page's site may not use this key.",
    "408": "The body did not arrive in time.",
    "413": "The body is larger than 4 MB.",
    "429": "The key's rate is used up: Retry-After says how long.",
    "503": "There is no room, or it could not be made durable; nothing was kept: send it again after Retry-After.",
}


@cache
def document() -> bytes:
    """Return the document as JSON."""
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Hedgerow, collecting",
                "version": __version__,
                "description": "Messages of Segment's and Snowplow's shape, tracked links, pictures, Webmention and "
                "webhooks. What is answered with 200 is durable; a message id sent twice by one key is kept once.",
            },
            "paths": {**_tracking(), **_snowplow(), **_links(), **_news(), **_rest()},
            "components": _components(),
        }
    )


def _tracking() -> dict[str, Any]:
    batch = _posted("Batch", "Messages together, at the most 4 MB; each at the most 32 kB.")
    paths: dict[str, Any] = {"/v1/batch": {"post": {**batch, "operationId": "batch"}}}
    paths["/v1/b"] = {"post": {**batch, "operationId": "batch_from_browser"}}
    for path in (*_TYPES, *_SHORT):
        said = _posted("Single", "One message; its type is the path's, where it says none.")
        paths[f"/v1/{path}"] = {"post": {**said, "operationId": f"send_{path}"}}
    for name in _TYPES:
        data = _parameter("data", "query", "The message as JSON in base64, its writeKey in it.")
        asked = _asked(f"pixel_{name}", "One message in a picture's address.", [data], _GIF)
        paths[f"/v1/pixel/{name}"] = {"get": asked}
    key = _parameter("key", "path", "The write key.")
    asked = _asked("settings", "What Segment's browser client asks for before it sends.", [key], _SAID)
    return {**paths, "/v1/projects/{key}/settings": {"get": asked}}


def _snowplow() -> dict[str, Any]:
    says, names = "As in Snowplow's tracker protocol.", ("eid", "uid", "duid", "url", "page", "refr", "dtm")
    query = [_parameter(name, "query", says) for name in ("e", "aid")]
    query += [_parameter(name, "query", says, needed=False) for name in names]
    posted = _posted("Snowplow", "Events of Snowplow's trackers; the app id (aid) is the write key.", secured=False)
    return {
        "/com.snowplowanalytics.snowplow/tp2": {"post": {**posted, "operationId": "snowplow"}},
        "/i": {"get": _asked("snowplow_pixel", "A Snowplow event in a picture's address.", query, _GIF)},
    }


def _links() -> dict[str, Any]:
    code = _parameter("code", "path", "The link's code.")
    moved = {"302": {"description": "To the page, with the share token where a person follows it."}}
    share = _posted("Share", "A link shared on from a page of the key's sites; its parent is the visit's share token.")
    return {
        "/l/{code}": {"get": _asked("follow", "Follow a tracked link.", [code], moved)},
        "/o/{code}.gif": {"get": _asked("open", "The picture of a message that a link stands in.", [code], _GIF)},
        "/v1/links": {"post": {**share, "operationId": "share"}},
    }


def _news() -> dict[str, Any]:
    form = {"application/x-www-form-urlencoded": {"schema": _reference("Webmention")}}
    taken = {"202": {"description": "It will be verified."}}
    mention: dict[str, Any] = {"operationId": "webmention", "summary": "W3C Webmention: a page that names one of ours."}
    mention |= {"requestBody": {"required": True, "content": form}, "responses": {**taken, **_refused()}}
    hook = _asked("hook", "A webhook that hedgerow.toml names.", [_parameter("name", "path", "Its name.")], _SAID)
    body = {"required": True, "content": {_JSON: {"schema": {}}}}
    return {"/webmention": {"post": mention}, "/hooks/{name}": {"post": {**hook, "requestBody": body}}}


def _rest() -> dict[str, Any]:
    script = {"200": {"description": "The script.", "content": {"text/javascript": {"schema": _TEXT}}}}
    return {
        "/hedgerow.js": {"get": _asked("script", "The script for websites.", [], script)},
        "/healthz": {"get": _asked("health", "Whether there is room.", [], _SAID)},
        "/openapi.json": {"get": _asked("document", "This document.", [], _SAID)},
    }


_SAID = {"200": {"description": "It is kept.", "content": {_JSON: {"schema": {"type": "object"}}}}}
_GIF = {"200": {"description": "A picture of one pixel.", "content": {"image/gif": {"schema": _TEXT}}}}


def _posted(schema: str, says: str, secured: bool = True) -> dict[str, Any]:
    content = {kind: {"schema": _reference(schema)} for kind in (_JSON, "text/plain")}
    said: dict[str, Any] = {
        "summary": says,
        "requestBody": {"required": True, "content": content},
        "responses": {**_SAID, **_refused()},
    }
    return {**said, "security": [{"writeKey": []}, {}]} if secured else said


def _asked(name: str, says: str, parameters: list[dict[str, Any]], answers: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "summary": says, "parameters": parameters, "responses": {**answers, **_refused()}}


def _refused() -> dict[str, Any]:
    content = {_JSON: {"schema": _reference("Refusal")}}
    refusals = {status: {"description": says, "content": content} for status, says in _REFUSALS.items()}
    return {**refusals, "404": {"description": "There is no such thing here.", "content": content}}


def _parameter(name: str, where: str, says: str, needed: bool = True) -> dict[str, Any]:
    return {"name": name, "in": where, "required": needed, "description": says, "schema": _TEXT}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _components() -> dict[str, Any]:
    schemas = {"Message": _shape(segment.Message), "SnowplowEvent": _shape(snowplow.Message)}
    message, event = _reference("Message"), _reference("SnowplowEvent")
    key = {"writeKey": _TEXT, "sentAt": {"type": "string", "format": "date-time"}}
    many = {"type": "array", "maxItems": MOST_EVENTS}
    address = {"type": "string", "format": "uri"}
    texts = ("writeKey", "url", "parent", "channel", "content", "anonymousId")
    schemas |= {
        "Batch": _object({"batch": {**many, "items": message}, **key}, "batch"),
        "Single": {"allOf": [{"type": "object", "properties": key}, {"type": "object"}], "description": "A Message."},
        "Snowplow": _object({"schema": _TEXT, "data": {**many, "items": event}}, "data"),
        "Share": _object({name: {"type": ["string", "null"]} for name in texts}, "url"),
        "Webmention": _object({"source": address, "target": address}, "source", "target"),
        "Refusal": _object(dict.fromkeys(("error", "message", "code"), _TEXT), "error"),
    }
    basic = {"type": "http", "scheme": "basic", "description": "The write key as the user name, no password."}
    return {"schemas": schemas, "securitySchemes": {"writeKey": basic}}


def _shape(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the schema of a message: the shape it is checked against, what is not looked at being any object."""
    fields, some = msgspec.structs.fields(kind), {"type": ["object", "null"]}
    properties = {f.encode_name: some if f.type is msgspec.Raw else msgspec.json.schema(f.type) for f in fields}
    needed = [field.encode_name for field in fields if field.required]
    return {**_object(properties, *needed), "description": kind.__doc__}


def _object(properties: dict[str, Any], *needed: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(needed)}
