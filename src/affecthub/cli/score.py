"""``affecthub score``: answers in a file against references in a file, or those of a corpus."""

from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from affecthub.cli.checks import require_folder
from affecthub.cli.options import Roots, named_folders, own_options
from affecthub.cli.printing import AsJson, print_json, print_scores_of
from affecthub.cli.score_journal import Wanted, score_journals_of
from affecthub.errors import unknown_name
from affecthub.settings import parse_overrides

_RESAMPLES = 1000


def score(
    metric: Annotated[
        str | None,
        typer.Argument(help="Metric name, for example set_f; with --journal all that fit."),
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="csv, json or jsonl of predictions, or a folder of them.")
    ] = None,
    journal: Annotated[
        list[Path],
        typer.Option(
            help="Instead of --predictions: a journal of `affecthub ask`, read by its prompt. "
            "Repeat to compare the first with the others."
        ),
    ] = [],  # noqa: B006 - typer reads the default, nothing changes it
    references: Annotated[
        Path | None, typer.Option(help="The same of references; or name a corpus instead.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Column of the predictions.")] = None,
    reference_column: Annotated[
        str | None, typer.Option(help="Column of the references, in a file or a corpus.")
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option(
            help="Column of the clip ids in the references' file, or a pattern such as "
            "'dia{Dialogue_ID}_utt{Utterance_ID}'."
        ),
    ] = None,
    corpus: Annotated[str | None, typer.Option(help="Corpus that holds the references.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The corpus' folder.")] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Split of the corpus; by default test, or the one a journal is about."),
    ] = None,
    config: Annotated[str | None, typer.Option(help="Configuration of the corpus.")] = None,
    protocol: Annotated[
        str | None,
        typer.Option(
            help="Protocol of the corpus; by default speaker_independent, with --journal its first."
        ),
    ] = None,
    root: Roots = [],  # noqa: B006
    corpus_options: Annotated[
        list[str],
        typer.Option(
            "--corpus-set",
            metavar="OPTION=VALUE",
            help="An option of the corpus' own, as `affecthub ask --set` takes it; repeatable.",
        ),
    ] = [],  # noqa: B006
    lexicon: Annotated[
        str | None, typer.Option(help="Folder or name of a lexicon; by default the built-in one.")
    ] = None,
    ring: Annotated[str | None, typer.Option(help="inner or middle ring of the wheels.")] = None,
    options: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Option of the metric.")
    ] = [],  # noqa: B006 - typer reads the default, nothing changes it
    prompt: Annotated[
        list[str],
        typer.Option(
            help="Journals: name or file of the prompt they were asked by, where it is your own; "
            "repeat it for journals of several."
        ),
    ] = [],  # noqa: B006
    form: Annotated[
        str | None, typer.Option(help="Journals: form of the answers, in place of a prompt.")
    ] = None,
    aliases: Annotated[
        bool, typer.Option("--aliases", help="Journals: words that mean a label count as it.")
    ] = False,
    asked_only: Annotated[
        bool, typer.Option("--asked-only", help="Journals: leave clips without a line out.")
    ] = False,
    extractor: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Journals: server that takes labels out of descriptions."),
    ] = None,
    extractor_model: Annotated[str | None, typer.Option(help="Name of the model there.")] = None,
    resamples: Annotated[
        int, typer.Option(min=0, help="Journals: resamples and permutations; 0 for no intervals.")
    ] = _RESAMPLES,
    seed: Annotated[int, typer.Option(help="Journals: of resamples and permutations.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Journals: report to write: .html, .md, .tex or .json.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score predictions against references; `affecthub metrics NAME` says what each option does."""
    roots, own = named_folders(root), own_options(corpus_options, "--corpus-set")
    if journal:
        given = {"--predictions": predictions, "--references": references, "--column": column}
        given |= {"--id-column": id_column, "--ring": ring}
        if any(value is not None for value in given.values()):
            said = ", ".join(name for name, value in given.items() if value is not None)
            raise ValueError(f"`--journal` takes no {said}: expected --corpus and --data-dir.")
        wanted = Wanted(
            metric=metric,
            corpus=corpus,
            data_dir=data_dir,
            config=config,
            protocol=protocol,
            split=split,
            roots=roots,
            own=own,
            column=reference_column,
            prompt=prompt,
            form=form,
            aliases=aliases,
            asked_only=asked_only,
            lexicon=lexicon,
            endpoint=extractor,
            model=extractor_model,
            resamples=resamples,
            seed=seed,
            out=out,
        )
        score_journals_of(journal, wanted, parse_overrides(options), as_json)
        return
    alone: dict[str, Any] = {"--prompt": prompt, "--form": form, "--aliases": aliases}
    alone |= {"--asked-only": asked_only}
    alone |= {"--extractor": extractor, "--extractor-model": extractor_model, "--out": out}
    alone |= {"--resamples": resamples != _RESAMPLES, "--seed": seed != 0}
    if said := ", ".join(name for name, value in alone.items() if value):
        raise ValueError(f"{said} speak of journals: got no --journal. Leave them out, or give it.")
    if metric is None or predictions is None:
        raise ValueError(
            "nothing to score: got no "
            f"{'metric' if metric is None else '--predictions'}, expected a metric and "
            "--predictions, or --journal."
        )
    from affecthub.metrics import folder_scorer, load_metric, require_known

    split, protocol = split or "test", protocol or "speaker_independent"
    named: dict[str, Any] = {"lexicon": lexicon, "ring": ring}
    chosen = {key: value for key, value in named.items() if value is not None}
    chosen |= parse_overrides(options)
    if (references is None) == (corpus is None):
        raise ValueError("no references: give --references, or --corpus with --data-dir, not both.")
    if corpus is not None and data_dir is None:
        raise ValueError("`--corpus` is given without `--data-dir`: expected the folder.")
    if corpus is None and (roots or own):
        raise ValueError(
            "`--root` and `--corpus-set` are about a corpus: got no --corpus. Name it."
        )
    if data_dir is not None:
        require_folder(data_dir, "`--data-dir`")
    require_known(metric)
    score_folder = folder_scorer(metric) if predictions.is_dir() else None
    if score_folder is not None and references is not None:
        _check_options(metric, chosen, score_folder)
        result = score_folder(predictions, references, **chosen)
        _show(metric, result, {}, as_json)
        return
    from affecthub.cli.references import Clips, of_corpus, of_files
    from affecthub.metrics.answers.files import require_label_file

    require_label_file(predictions)
    clips: Clips
    if references is not None:
        require_label_file(references)
    module = load_metric(metric)
    _check_options(metric, chosen, module.compute)
    if references is not None:
        clips = of_files(predictions, references, column, reference_column, id_column)
    else:
        assert corpus is not None and data_dir is not None, "checked above"
        clips = of_corpus(
            predictions,
            column,
            metric=metric,
            reference_column=reference_column,
            corpus=(corpus, config, data_dir, protocol, split),
            own={"roots": roots, **own},
        )
        if "labels" in signature(module.compute).parameters and clips.labels:
            chosen = {"labels": clips.labels} | chosen
    result = module.compute(predictions=clips.predictions, references=clips.references, **chosen)
    _show(metric, result, clips.counts, as_json)


def _show(metric: str, result: dict[str, Any], counts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result | counts)
    else:
        print_scores_of(metric, result | counts)


def _check_options(metric: str, chosen: Iterable[str], compute: Callable[..., Any]) -> None:
    """Refuse options that a metric does not have, with close names."""
    accepted = signature(compute).parameters
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in accepted.values()):
        return  # it names its own
    clips = {"predictions", "references", "folder"}
    known = [option for option in accepted if option not in clips]
    for option in chosen:
        if option not in known:
            raise unknown_name(f"option of {metric}", option, known)
