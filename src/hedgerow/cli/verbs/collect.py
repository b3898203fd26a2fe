"""hedgerow collect: the door alone, for a host of its own."""

import sys
from typing import Annotated

import typer

from hedgerow.cli.collecting import collect
from hedgerow.cli.verb import HERE, Folder, Verb


def _collect(
    workspace: Folder = HERE,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8401,
    beside: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    collect(workspace, host, port, sys.stdin.buffer if beside else None)


VERB = Verb(
    says="Collect over HTTP, without pages and without the mill; `serve` does this too.",
    example="hedgerow collect --workspace acme --host 0.0.0.0 --port 8401",
    command=_collect,
)
