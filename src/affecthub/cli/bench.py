"""``affecthub bench``: whole benchmarks, two runs against each other, and ablations."""

from pathlib import Path
from typing import Annotated, Any

import typer

from affecthub.cli.ablation import ablation
from affecthub.cli.bench_emotiontalk import emotiontalk
from affecthub.cli.bench_lmms_eval import lmms_eval
from affecthub.cli.checks import require_folder
from affecthub.cli.options import OwnPrompts
from affecthub.cli.printing import AsJson, console, print_json, print_sections, print_table
from affecthub.errors import require_extras, unknown_name
from affecthub.training.model_folder import require_model_folder

bench = typer.Typer(
    name="bench",
    help="Benchmarks: a table of scores from a model, from answers, or without either.",
    no_args_is_help=True,
)

DataRoot = Annotated[
    Path | None,
    typer.Option(help="Folder of the sets: those of MER-UniBench's download, or of MERBench."),
]
Lexicon = Annotated[
    str | None,
    typer.Option(help="Folder or name of a lexicon; by default the built-in one."),
]
ExtractorUrl = Annotated[
    str | None,
    typer.Option(
        "--extractor",
        metavar="URL",
        help="OpenAI-compatible server whose model takes labels out of answers; by default the "
        "lexicon does.",
    ),
]
ExtractorModel = Annotated[str | None, typer.Option(help="Name of the model there.")]
Seed = Annotated[int, typer.Option(help="Of resamples and random answers.")]
Resamples = Annotated[
    int, typer.Option(min=0, help="Bootstrap resamples and permutations; 0 for no intervals.")
]


@bench.command("mer-unibench")
def mer_unibench(
    data_root: DataRoot = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Folder or Hub id of a saved AffectGPT. Repeat for checkpoints of one run, with "
            "--protocol official-best-epoch."
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            help="Instead of a model: folder of answers, a file or folder per set (npz as "
            "released, journals, json, csv)."
        ),
    ] = None,
    prompt: OwnPrompts = [],  # noqa: B006 - typer reads the default, nothing changes it
    baseline: Annotated[
        str | None,
        typer.Option(help="Instead of a model: majority, random, constant, lexicon-on-subtitle."),
    ] = None,
    rescore: Annotated[
        bool,
        typer.Option("--rescore", help="Instead of a model: what --output-dir kept, scored anew."),
    ] = False,
    output_dir: Annotated[
        Path, typer.Option(help="Where answers and the table go; a run that was stopped goes on.")
    ] = Path("runs/mer-unibench"),
    sets: Annotated[
        list[str] | None,
        typer.Option(help="Only these sets; separate by commas or repeat."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first clips of each set.")
    ] = None,
    protocol: Annotated[
        str,
        typer.Option(
            help="fixed: one checkpoint for all sets. official-best-epoch: the best of each set, "
            "chosen on that test set, as the AffectGPT paper does."
        ),
    ] = "fixed",
    checkpoint: Annotated[
        str,
        typer.Option(
            help="Of answers of several checkpoints, the one that is scored: last, its number, or "
            "a part of its name."
        ),
    ] = "last",
    lexicon: Lexicon = None,
    extractor: ExtractorUrl = None,
    extractor_model: ExtractorModel = None,
    question: Annotated[
        str | None, typer.Option(help="Named question, or one in words; by default as trained.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Clips at a time.")] = None,
    max_new_tokens: Annotated[
        int | None, typer.Option(min=1, help="Longest answer in tokens.")
    ] = None,
    features: Annotated[
        Path | None, typer.Option(help="Folder of a feature cache of the model.")
    ] = None,
    subset: Annotated[
        str | None,
        typer.Option(help="conflict: scores of clips whose modalities disagree, side by side."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="--output-dir of another run, to compare with.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What tables call the system.")] = None,
    seed: Seed = 0,
    resamples: Resamples = 1000,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked and scored; do nothing.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace the table of another system in --output-dir."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score a model, answers, or guessing on the nine sets of MER-UniBench."""
    _require_one_source(model, answers, baseline, rescore)
    if prompt and answers is None:
        raise ValueError("`--prompt` reads journals: got it without --answers. Leave it out.")
    if subset not in (None, "conflict"):
        raise unknown_name("subset", subset, ("conflict",))
    if not rescore and data_root is None:
        raise ValueError(
            "`--data-root`: got none, expected the folder of the test sets. Only --rescore does "
            "without."
        )
    if data_root is not None:
        require_folder(data_root, "`--data-root`")
    for each in model or ():
        require_model_folder(each)
    require_extras(*(("train",) if model else ("metrics",)), purpose="score MER-UniBench")
    from affecthub.training.bench import benchmark
    from affecthub.training.bench.report import BenchReport
    from affecthub.training.bench.scoring import PROTOCOLS

    if protocol not in PROTOCOLS:
        raise unknown_name("protocol", protocol, PROTOCOLS)
    scoring = benchmark.Scoring(
        lexicon=lexicon,
        endpoint=extractor,
        model=extractor_model,
        protocol=protocol,
        checkpoint=int(checkpoint) if checkpoint.isdecimal() else checkpoint,
        seed=seed,
        n_resamples=resamples,
    )
    scoring.extractor()  # half an address is told before anything is read
    chosen = _names(sets)
    source = _source(model, answers, baseline)
    if dry_run:
        _plan(data_root, chosen, limit, model, answers, output_dir, as_json)
        return
    if not rescore:
        _refuse_another(output_dir, source, overwrite)
    options: dict[str, Any] = {"sets": chosen, "limit": limit}
    root = data_root or Path()  # of no use to kept answers; else checked above
    if rescore:
        evaluation = benchmark.from_kept(output_dir, scoring, sets=chosen, name=name)
        source = _made_by(output_dir)
    elif baseline is not None:
        evaluation = benchmark.from_baseline(baseline, root, scoring, **options)
    elif answers is not None:
        from affecthub.training.asking.scoring.unibench import AnswerReader

        read = AnswerReader(prompt)
        evaluation = benchmark.from_answers(answers, root, scoring, name=name, read=read, **options)
        evaluation.result["parsing"] = read.parsing
        evaluation.result["notes"] += read.notes()
    else:
        from affecthub.training.progress import only_our_bars

        only_our_bars()
        evaluation = benchmark.from_models(
            model or [],
            root,
            scoring,
            output_dir=output_dir,
            name=name,
            question=question,
            batch_size=batch_size,
            max_new_tokens=max_new_tokens,
            features=features,
            progress=not as_json,
            **options,
        )
    result = evaluation.result
    result["made_by"] = source
    if subset is not None:
        result["subsets"] = _conflicts(evaluation, data_root, scoring)
    if against is not None:
        result["comparison"] = _comparison(evaluation, against, scoring)
    if not rescore:
        benchmark.save(evaluation, output_dir)
    report = BenchReport(result)
    written = report.write(output_dir)
    if as_json:
        print_json(result | {"files": {kind: str(path) for kind, path in written.items()}})
        return
    console.print(report.heading(), soft_wrap=True)
    print_sections(report.on_screen())
    for note in report.notes():
        console.print(f"- {note}", soft_wrap=True)
    console.print(f"Tables: {', '.join(map(str, written.values()))}", soft_wrap=True)


@bench.command("compare")
def compare(
    first: Annotated[Path, typer.Argument(help="--output-dir of one run.")],
    second: Annotated[Path, typer.Argument(help="--output-dir of the other.")],
    lexicon: Lexicon = None,
    seed: Seed = 0,
    resamples: Resamples = 1000,
    as_json: AsJson = False,
) -> None:
    """Compare two runs on the same clips: differences with intervals, and paired tests."""
    require_folder(first, "first run")
    require_folder(second, "second run")
    require_extras("metrics", purpose="compare two runs")
    from affecthub.metrics.lexicon.loading import load_lexicon
    from affecthub.training.bench import compare as comparing

    (one, name), (other, other_name) = comparing.evaluated(first), comparing.evaluated(second)
    if name == other_name:
        name, other_name = str(first), str(second)
    found = comparing.compare(
        one,
        other,
        load_lexicon(lexicon),
        names=(name, other_name),
        n_resamples=resamples,
        seed=seed,
    )
    if as_json:
        print_json(found)
        return
    screen = comparing.Comparison(found)
    console.print(screen.heading(), soft_wrap=True)
    print_sections(screen.sections())


@bench.command("conflict")
def conflict(
    corpus: Annotated[str, typer.Argument(help="emotiontalk, ch_sims or ch_sims_v2.")],
    data_dir: Annotated[Path, typer.Option(help="The corpus' folder.")],
    answers: Annotated[Path, typer.Option(help="csv, json or jsonl of answers, by clip id.")],
    split: Annotated[str, typer.Option(help="Split of the corpus.")] = "test",
    protocol: Annotated[
        str | None, typer.Option(help="Protocol of the corpus; by default its first.")
    ] = None,
    lexicon: Lexicon = None,
    extractor: ExtractorUrl = None,
    extractor_model: ExtractorModel = None,
    seed: Seed = 0,
    resamples: Resamples = 1000,
    as_json: AsJson = False,
) -> None:
    """Score clips whose modalities were labelled alike, and differently, side by side."""
    require_extras("metrics", purpose="score a corpus")
    from affecthub.training.bench.benchmark import Scoring
    from affecthub.training.bench.conflict_scores import conflict_scores
    from affecthub.training.bench.report import subsets_section

    require_folder(data_dir, "`--data-dir`")
    scoring = Scoring(lexicon, extractor, extractor_model, seed=seed, n_resamples=resamples)
    found = conflict_scores(corpus, data_dir, answers, scoring, split=split, protocol=protocol)
    if as_json:
        print_json(found)
    else:
        print_sections([subsets_section(found)])


bench.command("ablation")(ablation)
bench.command("emotiontalk")(emotiontalk)
bench.command("lmms-eval")(lmms_eval)


def _require_one_source(
    model: list[str] | None, answers: Path | None, baseline: str | None, rescore: bool
) -> None:
    given = [
        option
        for option, value in (
            ("--model", model),
            ("--answers", answers),
            ("--baseline", baseline),
            ("--rescore", rescore),
        )
        if value
    ]
    if len(given) != 1:
        raise ValueError(
            f"what is to be scored is not clear: got {', '.join(given) or 'nothing'}, expected one "
            "of --model, --answers, --baseline and --rescore."
        )


def _names(sets: list[str] | None) -> list[str] | None:
    """Sets as they were typed, and checked, before any is read."""
    from affecthub.training.bench.references import chosen_sets

    names = [name.strip() for each in sets or () for name in each.split(",") if name.strip()]
    return [test_set.name for test_set in chosen_sets(names)] if names else None


def _source(model: list[str] | None, answers: Path | None, baseline: str | None) -> dict[str, str]:
    if model:
        return {"model": ", ".join(model)}
    return {"answers": str(answers)} if answers else {"baseline": str(baseline)}


def _made_by(output_dir: Path) -> dict[str, str]:
    """What the table in a folder was made from."""
    from affecthub.training.bench.kept import made_by

    return dict(made_by(output_dir).get("made_by", {}))


def _refuse_another(output_dir: Path, source: dict[str, str], overwrite: bool) -> None:
    """Keep the table of another system from being written over by mistake."""
    there = _made_by(output_dir)
    if there and there != source and not overwrite:
        said = ", ".join(f"{key} {value}" for key, value in there.items())
        raise ValueError(
            f"{output_dir} holds the table of another system: got one of {said}. Give another "
            "--output-dir, or --overwrite."
        )


def _conflicts(evaluation: Any, data_root: Path | None, scoring: Any) -> dict[str, Any]:
    from affecthub.training.bench.benchmark import chosen_answers
    from affecthub.training.bench.conflict import set_parts
    from affecthub.training.bench.conflict_scores import subset_scores

    if data_root is None:
        raise ValueError("`--subset` needs --data-root: got none, expected the sets' folders.")
    run = chosen_answers(evaluation)
    parts = {name: found for name in run if (found := set_parts(data_root, name))}
    if not parts:
        raise ValueError(
            f"no set has labels of each modality: got {', '.join(run)}, expected ch_sims or "
            f"ch_sims_v2 with their own label files in {data_root}; the npz of MERBench lack them."
        )
    return subset_scores(run, parts, scoring)


def _comparison(evaluation: Any, against: Path, scoring: Any) -> dict[str, Any]:
    from affecthub.training.bench.benchmark import chosen_answers
    from affecthub.training.bench.compare import compare, evaluated

    other, name = evaluated(against)
    own = evaluation.result["system"]
    return compare(
        chosen_answers(evaluation),
        other,
        scoring.tables(),
        names=(own, name if name != own else str(against)),
        n_resamples=scoring.n_resamples,
        seed=scoring.seed,
    )


def _plan(
    data_root: Path | None,
    sets: list[str] | None,
    limit: int | None,
    model: list[str] | None,
    answers: Path | None,
    output_dir: Path,
    as_json: bool,
) -> None:
    """Say what a run would do, without torch."""
    from affecthub.training.bench.planning import planned

    rows = planned(
        data_root, sets, limit=limit, models=model, answers=answers, output_dir=output_dir
    )
    if as_json:
        print_json(rows)
        return
    columns = list(rows[0])
    print_table(columns, [[row[key] for key in columns] for row in rows], title="would be scored")
