"""hedgerow serve: the pages, on this machine."""

from typing import Annotated

import typer

from hedgerow.cli.page import serve
from hedgerow.cli.verb import HERE, Folder, Verb


def _serve(
    workspace: Folder = HERE,
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8400,
) -> None:
    serve(workspace, port)


VERB = Verb(
    says="Serve the pages on 127.0.0.1, and turn the mill.",
    example="hedgerow serve --workspace acme --port 8400",
    command=_serve,
)
