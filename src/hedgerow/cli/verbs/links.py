"""hedgerow links: tracked links, one for each place something is shared, and their QR codes."""

from pathlib import Path
from typing import Annotated

import segno
import typer

from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Purpose, Workspace, find_link, links, make_link, open_workspace

Said = Annotated[str | None, typer.Option()]


def _list(
    workspace: Folder = HERE, most: Annotated[int, typer.Option(help="Links at the most, the latest.", min=1)] = 50
) -> None:
    """Show the links made last."""
    opened = open_workspace(workspace)
    found = links(opened, most)
    names = ("link", "to", "channel", "campaign", "content", "shared by", "generation")
    rows = [
        [
            _address(opened, link.code),
            link.url,
            link.purpose.channel or "",
            link.purpose.campaign or "",
            link.purpose.content or link.purpose.message or "",
            link.purpose.sharer or "",
            str(link.generation),
        ]
        for link in found
    ]
    opened.close()
    if not rows:
        OUT.print("There is no link yet: make one with `hedgerow links make URL --channel LinkedIn`.")
        return
    show_table([(name, name == "generation") for name in names], rows)


def _make(
    url: Annotated[str, typer.Argument(help="The page it leads to.")],
    channel: Annotated[str, typer.Option(help="Where it is posted, such as LinkedIn or Email.")],
    workspace: Folder = HERE,
    medium: Said = None,
    campaign: Said = None,
    content: Annotated[str | None, typer.Option(help="The post, or the component of the message.")] = None,
    message: Annotated[str | None, typer.Option(help="The message it stands in.")] = None,
    sharer: Annotated[str | None, typer.Option(help="Who shares it, as kind:value.")] = None,
    recipient: Annotated[str | None, typer.Option(help="Whom it is sent to, as kind:value.")] = None,
    parent: Annotated[str | None, typer.Option(help="The code of the link it is shared on from.")] = None,
) -> None:
    """Make a link and print it."""
    opened = open_workspace(workspace)
    purpose = Purpose(
        channel=channel,
        medium=medium,
        campaign=campaign,
        content=content,
        message=message,
        sharer=sharer,
        recipient=recipient,
    )
    OUT.print(_address(opened, make_link(opened, url, "cli:hedgerow", purpose, parent).code), soft_wrap=True)
    opened.close()


def _qr(
    code: Annotated[str, typer.Argument(help="The link's code.")],
    workspace: Folder = HERE,
    out: Annotated[Path | None, typer.Option(help="A file to write: .svg, .png or .pdf.")] = None,
) -> None:
    """Show a link's QR code in the terminal, or write it to a file."""
    opened = open_workspace(workspace)
    if not find_link(opened, code):
        raise HedgerowError(f"There is no link {code}: `hedgerow links list` shows those there are.")
    picture = segno.make(_address(opened, code), error="m")
    opened.close()
    if out is None:
        picture.terminal(compact=True)
        return
    try:
        picture.save(str(out), scale=8)
    except ValueError:
        raise HedgerowError(f"A QR code can't be written as {out.name}: end its name in .svg, .png or .pdf.") from None
    OUT.print(f"Written to {out}", markup=False)


def _address(workspace: Workspace, code: str) -> str:
    return f"{workspace.settings.collect.url.rstrip('/')}/l/{code}"


VERB = Verb(
    says="Make tracked links, one for each place something is shared, and their QR codes.",
    example="hedgerow links make https://acme.example/guide --channel LinkedIn --content launch-post --workspace acme",
    command={"list": _list, "make": _make, "qr": _qr},
)
