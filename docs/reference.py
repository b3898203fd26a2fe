"""The reference pages, printed from the code; `--check` fails where a page is not what the code says."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import typer
from typer.main import get_command

from hedgerow.attribution import model_shelf
from hedgerow.charter import documented, laws
from hedgerow.cli import build
from hedgerow.collect.map import FIELDS, Reading
from hedgerow.journeys import GROUPS
from hedgerow.kit.expression import FUNCTIONS
from hedgerow.ledger import Settings, verbs
from hedgerow.ledger.touch import KEPT
from hedgerow.measures import shelf
from hedgerow.score import GROUPS as SCORED
from hedgerow.score import WEIGHTS, fit_shelf, signal_shelf

FOLDER = Path(__file__).parent / "reference"
NOTICE = "<!-- Printed from the code by `make docs`: change the code, not this page. -->\n\n"


def measures() -> Iterator[str]:
    """Yield the page of measures."""
    yield "# Measures\n\nAsk any of them with `hedgerow ask NAME`, or open its page."
    for name, measure in shelf().items():
        yield f"\n## {name}\n\n**{measure.question}**\n\n{measure.says}\n"
        yield "| column | unit | what it is |\n|---|---|---|"
        yield from (f"| `{column.name}` | {column.unit} | {column.says} |" for column in measure.columns)
        if measure.by:
            yield f"\nRows by: {', '.join(f'`{by}`' for by in measure.by)}."
        if measure.models != ():
            listed = measure.models or tuple(model_shelf())
            yield f"\nModels if none are named: {', '.join(f'`{model}`' for model in listed)}."


def models() -> Iterator[str]:
    """Yield the page of attribution models."""
    yield "# Attribution models\n\nA model divides an outcome's value among the touches that led to it."
    for name, model in model_shelf().items():
        yield f"\n## {name}\n\n{model.says}\n\n{model.rule}\n\nFor example: {model.example}"
        if model.parameter:
            said = model.parameter
            yield (
                f"\nParameter `{name}:{said.default:g}`: {said.says} "
                f"({said.least:g} to {said.most:g}, {said.default:g} if not said)."
            )


def commands() -> Iterator[str]:
    """Yield the page of the command line."""
    yield "# The command line\n\n`--workspace FOLDER` names the workspace; the present folder if it is left out."
    root = get_command(build())
    context = typer.Context(root, info_name="hedgerow")
    for name in root.list_commands(context):  # type: ignore[attr-defined]
        command = root.get_command(context, name)  # type: ignore[attr-defined]
        said, _, example = (command.help or "").partition("\n\nExample: ")
        yield f"\n## hedgerow {name}\n\n{said}\n\n    {example}\n"
        inner = getattr(command, "commands", {})
        for word, part in inner.items():
            yield f"- `hedgerow {name} {word}`: {part.help}"
        options = [o for part in (inner.values() or [command]) for o in part.params if o.name != "help"]
        yield from sorted({f"- `{option.opts[0]}`: {getattr(option, 'help', '')}" for option in options})


def maps() -> Iterator[str]:
    """Yield the page of maps."""
    yield (
        "# Maps\n\nA map is a TOML file: `source` (a name of its own for where the rows come from), `says`, `[read]`, "
        "and one or more `[[touch]]`, `[[spend]]` or `[[deal]]` sections. A row goes out as each section whose `when` "
        "holds. All columns are text, an empty field is nothing, and each entry is an expression over the columns."
    )
    for kind, fields in FIELDS.items():
        yield f"\n## [[{kind}]]\n\n{', '.join(f'`{field}`' for field in fields)}"
    yield f"\n## [read]\n\n{', '.join(f'`{name}`' for name in Reading.__struct_fields__)}"
    yield f"\n## Functions\n\n{', '.join(f'`{name}`' for name in FUNCTIONS)}"


def touches() -> Iterator[str]:
    """Yield the page of the touch: its columns and its verbs."""
    yield "# Touches\n\n## Columns\n\n| column | type |\n|---|---|"
    yield from (f"| `{field.name}` | {field.type} |" for field in KEPT)
    for group, known in verbs().items():
        yield f"\n## Verbs: {group}\n\n| verb | somebody |\n|---|---|"
        yield from (f"| `{verb}` | {says} |" for verb, says in known.items())


def channels() -> Iterator[str]:
    """Yield the page of channel groups."""
    yield "# Channel groups\n\nIn the order they are tried; the first that holds is the touch's.\n"
    yield from (f"- **{group.name}**: {group.says}" for group in GROUPS)


def charter() -> Iterator[str]:
    """Yield the page of the charter: its laws, and the facts its conditions can ask for."""
    yield (
        "# The charter\n\nThe ground rules of marketing and sales, in one file that both sign; the village's is "
        "[a commented example](../../src/hedgerow/village/charter.yaml). `hedgerow charter check` proves each law for "
        "every lead there could be, `hedgerow charter show` reads the file back in sentences.\n\n## Laws\n"
    )
    yield from (f"- `{name}`: {law.says} *{law.question}*" for name, law in laws().items())
    yield (
        "\n## Facts\n\nA condition is SQL over these and the workspace's custom fields (one of type time is asked for "
        "as `days_since_NAME`).\n\n| fact | type | can be NULL | what it is |\n|---|---|---|---|"
    )
    for name, fact in documented().items():
        yield f"| `{name}` | {fact.type} | {'yes' if fact.nullable else 'no'} | {fact.says} |"


def scores() -> Iterator[str]:
    """Yield the page of scores: signals by group, weights and fits."""
    yield (
        "# Scores\n\nA touch gives the points of the strongest signal that holds for it, times its weights; points "
        "lose half their worth every half-life. [How a score comes about](../decisions/0016-points-at-an-instant.md). "
        "`[score.signals.NAME]`, `[score.weights]` and `[score.fits.NAME]` of `hedgerow.toml` change any of this, and "
        "add signals and fits of a workspace's own.\n\n## Signals"
    )
    for group, said in SCORED.items():
        caps = [f"{cap:g} {what}" for cap, what in ((said.cap_per_day, "a day"), (said.cap, "at one time")) if cap]
        most = f" At the most {', '.join(caps)}." if caps else ""
        yield f"\n### {group}\n\n{said.says}{most}\n"
        yield "| signal | what | points | half-life | a day | at one time | for example |"
        yield "|---|---|---|---|---|---|---|"
        for name, signal in signal_shelf().items():
            if signal.group == group:
                limits = " | ".join("" if cap is None else f"{cap:g}" for cap in (signal.cap_per_day, signal.cap))
                yield (
                    f"| `{name}` | {signal.says} | {signal.points:g} | {signal.half_life_days:g} d | {limits} "
                    f"| {signal.example} |"
                )
    yield "\n## Weights\n\n| weight | of the | when | percent |\n|---|---|---|---|"
    yield from (f"| `{each.name}` | {each.kind} | {each.says} | {each.percent} |" for each in WEIGHTS)
    yield "\n## Fits\n\nOf each trait the rule that is worth most counts.\n"
    yield "| fit | trait | what | points | for example |\n|---|---|---|---|---|"
    for name, fit in fit_shelf().items():
        yield f"| `{name}` | {fit.trait} | {fit.says} | {fit.points:g} | {fit.example} |"


def settings() -> Iterator[str]:
    """Yield the page of settings."""
    yield (
        "# Settings\n\n`hedgerow.toml` in the workspace, then `HEDGEROW_SECTION_NAME`, then "
        "`HEDGEROW_SECTION_NAME_FILE` for secrets. An unknown name or a bad value stops the start."
    )
    default = Settings()
    for section in Settings.__struct_fields__:
        value = getattr(default, section)
        yield f"\n## [{section}]\n"
        if hasattr(value, "__struct_fields__"):
            yield from (f"- `{name}` = `{getattr(value, name)!r}`" for name in value.__struct_fields__)
        else:
            yield 'Custom fields of touches, each `name = "text"` (or integer, number, boolean, time).'


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "channels": channels,
    "charter": charter,
    "commands": commands,
    "maps": maps,
    "measures": measures,
    "models": models,
    "scores": scores,
    "settings": settings,
    "touches": touches,
}


def printed(name: str) -> str:
    """Return a reference page as the code says it."""
    return NOTICE + "\n".join(PAGES[name]()) + "\n"


def main() -> None:
    """Write every page, or with `--check` name those that are out of date and fail."""
    FOLDER.mkdir(exist_ok=True)
    stale = [name for name in PAGES if _kept(name) != printed(name)]
    if "--check" in sys.argv and stale:
        sys.exit(f"Out of date in docs/reference: {', '.join(stale)}. Run `make docs`.")
    for name in stale:
        (FOLDER / f"{name}.md").write_text(printed(name), "utf-8")


def _kept(name: str) -> str:
    file = FOLDER / f"{name}.md"
    return file.read_text("utf-8") if file.exists() else ""


if __name__ == "__main__":
    main()
