"""hedgerow ask: a measure's answer, as a table or a file."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import open_workspace
from hedgerow.measures import Asked, ask, export, in_words

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, in the workspace's zone.")]


def _ask(
    measure: Annotated[str, typer.Argument(help="The measure's name; `hedgerow ask list` shows them all.")],
    workspace: Folder = HERE,
    since: Day = None,
    until: Day = None,
    by: Annotated[str | None, typer.Option(help="What the rows are: channel, channel_group or campaign.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Attribution models, as in markov:2,linear; all if not given.")
    ] = None,
    format: Annotated[str, typer.Option(help="table, csv, json or parquet.")] = "table",
) -> None:
    opened = open_workspace(workspace)
    if measure == "list":
        show_table([("measure", False), ("question", False)], in_words.listing())
        return
    asked = Asked(since.date() if since else None, until.date() if until else None, by, model)
    answer = ask(opened, measure, asked)
    if format == "table":
        OUT.print(answer.measure.question, style="bold")
        show_table(*in_words.table(answer))
    else:
        sys.stdout.buffer.write(export(answer, format))
    opened.close()


VERB = Verb(
    says="Answer a question: the rows of a measure, as a table, CSV, JSON or Parquet.",
    example="hedgerow ask credit_by_channel --since 2018-07-01 --model markov,linear --format csv",
    command=_ask,
)
