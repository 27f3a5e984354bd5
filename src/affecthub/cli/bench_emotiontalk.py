"""``affecthub bench emotiontalk``: the EmotionTalk paper's tables on files that are at hand."""

from pathlib import Path
from typing import Annotated, Any

import typer

from affecthub.cli.checks import require_folder
from affecthub.cli.options import OwnPrompts
from affecthub.cli.printing import AsJson, console, print_json, print_sections
from affecthub.errors import require, require_extras, unknown_name

# The tables that can be run; checked before anything heavy is imported.
TABLES = (3, 4, 5, 12, 13, 14)
PROTOCOLS = ("official", "speaker_independent")
FIDELITIES = ("fixed", "official")


def emotiontalk(
    data_dir: Annotated[Path, typer.Option(help="EmotionTalk's folder; label files are enough.")],
    features: Annotated[
        Path | None,
        typer.Option(help="Folder of feature caches; without it, text alone by TF-IDF."),
    ] = None,
    tables: Annotated[
        list[str] | None,
        typer.Option(
            help="Of 3 (features), 4 (fusions), 5 (captions), 12 (encoders), 13 and 14 "
            "(conversations); separate by commas or repeat. By default 3,4,12, or those of the "
            "journals."
        ),
    ] = None,
    journal: Annotated[
        list[Path],
        typer.Option(
            help="A journal of `affecthub ask`, of one label a clip (Table 4) or of captions "
            "(Table 5), which gets a row; repeat it for several."
        ),
    ] = [],  # noqa: B006 - typer reads the default, nothing changes it
    prompt: OwnPrompts = [],  # noqa: B006
    protocol: Annotated[
        str,
        typer.Option(help="official, or speaker_independent: no speaker is chosen and tested on."),
    ] = "official",
    draws: Annotated[
        int | None, typer.Option(min=1, help="Configurations tried for a cell; by default 50.")
    ] = None,
    runs: Annotated[
        int | None, typer.Option(min=1, help="Runs of the best of them; by default 6.")
    ] = None,
    seeds: Annotated[
        list[str] | None,
        typer.Option(help="Of the runs, instead of 0 and up; separate by commas or repeat."),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Rounds of training; by default 100, as published.")
    ] = None,
    fidelity: Annotated[
        str, typer.Option(help="fixed, or official: the models with the released code's faults.")
    ] = "fixed",
    encoders: Annotated[
        list[str] | None,
        typer.Option(
            help="What Tables 4, 12, 13 and 14 are given, one for each modality, by the names of "
            "caches; separate by commas or repeat. By default the paper's, else the first."
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="10 draws, 3 runs, 20 epochs, unless said otherwise.")
    ] = False,
    output_dir: Annotated[
        Path, typer.Option(help="Where runs and tables go; a run that was stopped goes on.")
    ] = Path("runs/emotiontalk"),
    as_json: AsJson = False,
) -> None:
    """Print tables of the EmotionTalk paper with yours beside them, and what guessing scores."""
    numbers = _numbers(tables, "tables")
    for number in numbers:
        if number not in TABLES:
            raise unknown_name("table of the EmotionTalk paper", str(number), map(str, TABLES))
    if prompt and not journal:
        raise ValueError("`--prompt` reads journals: got it without --journal. Leave it out.")
    if protocol not in PROTOCOLS:
        raise unknown_name("protocol", protocol, PROTOCOLS)
    if fidelity not in FIDELITIES:
        raise unknown_name("fidelity", fidelity, FIDELITIES)
    require_folder(data_dir, "`--data-dir`")
    if features is not None:
        require_folder(features, "`--features`")
    require_extras("train", purpose="run the tables of EmotionTalk")
    for package in ("sklearn", "jieba"):
        require(package, "bench", "score text alone, beside the tables of EmotionTalk")
    from affecthub.training.bench.emotiontalk.benchmark import run_benchmark
    from affecthub.training.bench.emotiontalk.fusing import Plan
    from affecthub.training.bench.emotiontalk.report import EmotionTalkReport
    from affecthub.training.progress import only_our_bars

    plan = Plan.of(
        draws=draws,
        runs=runs,
        seeds=tuple(_numbers(seeds, "seeds")),
        epochs=epochs,
        fidelity=fidelity,
        quick=quick,
    )
    only_our_bars()
    scored = _scored(journal, prompt, data_dir, protocol) if journal else []
    result = run_benchmark(
        data_dir,
        output_dir,
        features=features,
        tables=numbers or None,
        protocol=protocol,
        plan=plan,
        encoders=_parts(encoders),
        journals=scored,
        quick=quick,
        progress=not as_json,
        tell=None if as_json else _tell,
    )
    report = EmotionTalkReport(result)
    written = report.write(output_dir)
    if as_json:
        print_json(result | {"files": {kind: str(path) for kind, path in written.items()}})
        return
    console.print(report.heading(), soft_wrap=True)
    print_sections(report.on_screen())
    for note in report.notes():
        console.print(f"- {note}", soft_wrap=True)
    console.print(f"Tables: {', '.join(map(str, written.values()))}", soft_wrap=True)


def _scored(
    journals: list[Path], prompts: list[str], data_dir: Path, protocol: str
) -> list[dict[str, Any]]:
    """What journals score on the test split."""
    from affecthub.training.asking.scoring.run import score_journals
    from affecthub.training.asking.scoring.scored import Scoring

    scoring = Scoring(split="test", prompt=prompts)
    report = score_journals(
        journals, "emotiontalk", data_dir, scoring, protocol=protocol, compared=False
    )
    found: list[dict[str, Any]] = report.value["journals"]
    return found


def _tell(line: str) -> None:
    console.print(line, soft_wrap=True)


def _parts(given: list[str] | None) -> list[str]:
    return [part.strip() for each in given or () for part in each.split(",") if part.strip()]


def _numbers(given: list[str] | None, what: str) -> list[int]:
    parts = _parts(given)
    wrong = [part for part in parts if not part.isdecimal()]
    if wrong:
        raise ValueError(f"`--{what}`: got {wrong[0]!r}, expected numbers separated by commas.")
    return [int(part) for part in parts]
