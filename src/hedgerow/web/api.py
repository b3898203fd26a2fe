"""The JSON API: every measure, and its answer."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from hedgerow.measures import FORMATS, Asked, ask, export, shelf


class Refusal(BaseModel):
    """What a bad call is answered with: one sentence that ends in what to do."""

    error: str


api = APIRouter(prefix="/api", tags=["measures"])


@api.get("/measures")
def measures() -> list[dict[str, object]]:
    """Every measure there is: its name, question, sentence, columns, and what it may be asked by."""
    return [
        {
            "name": name,
            "question": measure.question,
            "says": measure.says,
            "columns": [{"name": c.name, "unit": c.unit, "says": c.says} for c in measure.columns],
            "by": measure.by,
        }
        for name, measure in shelf().items()
    ]


@api.get("/measures/{name}", responses={"4XX": {"model": Refusal, "description": "The call does not fit."}})
def answer(
    request: Request,
    name: str,
    since: date | None = None,
    until: date | None = None,
    by: str | None = None,
    model: str | None = None,
    format: Annotated[str, Query(description="csv, json or parquet")] = "json",
) -> Response:
    """The rows of a measure's answer."""
    answered = ask(request.app.state.workspace, name, Asked(since, until, by or None, model or None))
    body = export(answered, format)
    headers = {"Content-Disposition": f'attachment; filename="{answered.name}.{format}"'} if format != "json" else {}
    return Response(body, media_type=FORMATS[format], headers=headers)


@api.get("/health")
def health(request: Request) -> dict[str, object]:
    """That the server answers, and the ledger's version."""
    return {"ok": True, "ledger": request.app.state.workspace.version}
