"""hedgerow audience: who is in a list, who is left out and why, and the list as a file."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow import leads, mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import open_workspace


def _audience(
    name: Annotated[str, typer.Argument(help="An audience of the charter; none shows them all.")] = "",
    workspace: Folder = HERE,
    export: Annotated[Path | None, typer.Option(help="Write the members to this CSV file.")] = None,
) -> None:
    opened = open_workspace(workspace)
    mill.turn(opened)
    if not name:
        counts = [[str(value) for value in row.values()] for row in leads.audiences(opened).to_pylist()]
        show_table([("audience", False), ("meant", True), ("in it", True)], counts)
        opened.close()
        return
    listed = leads.audience(opened, name)
    opened.close()
    OUT.print(f"{name}: everybody where {listed.says}. {len(listed.members):,} are in it.", markup=False)
    if export:
        export.write_bytes(listed.to_csv())
        OUT.print(f"They are in {export}.", markup=False)
    if len(listed.left_out):
        OUT.print(f"{len(listed.left_out):,} are left out:")
        out = [[row["identifier"], ", ".join(row["rules"]), row["why"]] for row in listed.left_out.to_pylist()]
        show_table([("lead", False), ("rule", False), ("why", False)], out)


VERB = Verb(
    says="Show who is in an audience and who is left out by which rule, or write its members to a file.",
    example="hedgerow audience newsletter --export newsletter.csv --workspace acme",
    command=_audience,
)
