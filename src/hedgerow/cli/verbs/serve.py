"""hedgerow serve: the pages and collecting, each at a port of its own."""

from typing import Annotated

import typer

from hedgerow.cli.page import Places, serve
from hedgerow.cli.verb import HERE, Folder, Verb


def _serve(
    workspace: Folder = HERE,
    port: Annotated[int, typer.Option(help="The port of the pages; 0 takes a free one.")] = 8400,
    host: Annotated[str, typer.Option(help="The address the pages listen on.")] = "127.0.0.1",
    collect_port: Annotated[int, typer.Option(help="The port of collecting; 0 takes a free one.")] = 8401,
    collect_host: Annotated[str, typer.Option(help="The address collecting listens on.")] = "127.0.0.1",
    collect: Annotated[bool, typer.Option(help="Collect over HTTP beside the pages.")] = True,
) -> None:
    serve(workspace, Places(host, port, collect_host, collect_port if collect else None))


VERB = Verb(
    says="Serve the pages, collect over HTTP, and turn the mill.",
    example="hedgerow serve --workspace acme --port 8400 --collect-host 0.0.0.0",
    command=_serve,
)
