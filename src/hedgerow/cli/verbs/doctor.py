"""hedgerow doctor: what is where, and what is wrong."""

from hedgerow.cli.verb import HERE, Folder, Verb, show_table
from hedgerow.ledger import examine, open_workspace


def _doctor(workspace: Folder = HERE) -> None:
    opened = open_workspace(workspace)
    rows = [[finding.what, finding.found, finding.do] for finding in examine(opened)]
    show_table([("what", False), ("found", False), ("what to do", False)], rows)
    opened.close()


VERB = Verb(
    says="Say what is where and in which version, what is wrong, and what to do about it.",
    example="hedgerow doctor --workspace acme",
    command=_doctor,
)
