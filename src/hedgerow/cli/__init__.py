"""cli owns the command line: it asks a room and shows the answer, and computes nothing."""

import sys

import typer

from hedgerow import __version__
from hedgerow.cli.verb import OUT, Verb
from hedgerow.kit import HedgerowError, load_one, load_shelf

__all__ = ["build", "main"]


def build(asked: str | None = None) -> typer.Typer:
    """Return the command line: every verb of the shelf as a command, or the one that was asked for alone.

    What one verb needs is loaded in a fraction of the time that all of them take.
    """
    app = typer.Typer(
        name="hedgerow",
        help="The lead system of record that marketing and sales share.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback(invoke_without_command=True)
    def _root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
        if version:
            OUT.print(f"hedgerow {__version__}")
            raise typer.Exit

    for stem, verb in _verbs(asked).items():
        _add(app, stem.removesuffix("_"), verb)
    return app


def _verbs(asked: str | None) -> dict[str, Verb]:
    for stem in (asked, f"{asked}_") if asked else ():
        verb = load_one("hedgerow.cli.verbs", Verb, stem)
        if verb:
            return {stem: verb}
    return load_shelf("hedgerow.cli.verbs", Verb)


def _add(app: typer.Typer, name: str, verb: Verb) -> None:
    says = f"{verb.says}\n\nExample: {verb.example}"
    if callable(verb.command):
        app.command(name, help=says, short_help=verb.says)(verb.command)
        return
    group = typer.Typer(help=says, short_help=verb.says, no_args_is_help=True, rich_markup_mode=None)
    for inner, command in verb.command.items():
        group.command(inner)(command)
    app.add_typer(group, name=name)


def main() -> None:
    """Run the command line; a refusal is printed as its sentence, with exit code 1."""
    try:
        build(sys.argv[1] if len(sys.argv) > 1 else None)()
    except HedgerowError as refusal:
        sys.stderr.write(f"hedgerow: {refusal.sentence}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"hedgerow: That can't be used ({error}): name another file, folder or port.\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("hedgerow: stopped; what was acknowledged is kept, and the same command goes on.\n")
        sys.exit(130)
