"""The commands of ``affecthub push``: dataset, model, metric, space."""

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affecthub.cli.options import DataDir, Options, Roots, named_folders, own_options
from affecthub.cli.printing import AsJson, console, print_json, print_screen, print_table
from affecthub.errors import require

if TYPE_CHECKING:
    from affecthub.hub_cards.publishing import Plan
    from affecthub.hub_cards.staged import RepoType, Staged

push = typer.Typer(
    help="Corpora, models, metrics and pages to the Hugging Face Hub. Files go to a branch of "
    "their own, are compared, and show by one commit; a push that was cut goes on when repeated.",
    no_args_is_help=True,
)

Repo = Annotated[str, typer.Argument(metavar="REPO", help="Repository, OWNER/NAME.")]


def _no_option(path: Path | None) -> Path | None:
    """Refuse another option in the place of a folder."""
    if path is not None and str(path).startswith("-"):
        raise ValueError(f"`--dry-run`: got {str(path)!r}, expected a folder to write.")
    return path


DryRun = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        callback=_no_option,
        help="Write the exact folder here, and send nothing. Needs no token.",
    ),
]
Revision = Annotated[str | None, typer.Option(help="Branch to change; by default main.")]
Private = Annotated[bool, typer.Option("--private/--public", help="Who sees the repository.")]
CreatePr = Annotated[
    bool, typer.Option("--create-pr", help="Leave a pull request for others to look at.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")]


@dataclass(frozen=True)
class How:
    """What all kinds of push are told."""

    dry_run: Path | None
    revision: str | None
    private: bool
    create_pr: bool
    yes: bool
    as_json: bool


@push.command("dataset")
def push_dataset(
    name: Annotated[str, typer.Argument(help="Corpus name.")],
    repo: Repo,
    data_dir: DataDir,
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    protocol: Annotated[
        str | None, typer.Option(help="One protocol; by default all, the default first.")
    ] = None,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    options: Options = [],  # noqa: B006
    to: Annotated[str, typer.Option(help="parquet, webdataset or chat-jsonl.")] = "parquet",
    labels_only: Annotated[
        bool, typer.Option("--labels-only", help="Labels without media.")
    ] = False,
    file_mb: Annotated[int, typer.Option(help="Size of a Parquet file or a tar.")] = 500,
    partial: Annotated[
        bool, typer.Option("--partial", help="mer_unibench: leave out sets that are not there.")
    ] = False,
    i_have_the_right: Annotated[
        bool,
        typer.Option("--i-have-the-right", help="Push although the terms forbid it to others."),
    ] = False,
    dry_run: DryRun = None,
    revision: Revision = None,
    private: Private = True,
    create_pr: CreatePr = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Push a corpus as load_dataset("OWNER/NAME") reads it, if its terms allow that.

    mer_unibench with --labels-only is the benchmark: clips, tasks and candidates without media.
    """
    how = How(dry_run, revision, private, create_pr, yes, as_json)
    roots = named_folders(root)
    if name == "mer_unibench" and labels_only:
        from affecthub.hub_cards.datasets import stage_benchmark

        def stage(out: Path) -> "Staged":
            return stage_benchmark(out, data_dir, roots=roots, partial=partial)

    else:
        from affecthub.datasets_scripts.corpus import Corpus
        from affecthub.hub_cards.datasets import require_right, stage_dataset

        own = own_options(options)
        corpus = Corpus(name, data_dir, config, protocol=protocol, roots=roots, **own)
        said: dict[str, Any] = {"to": to, "embed_media": not labels_only, "file_mb": file_mb}
        require_right(corpus, i_have_the_right, said)

        def stage(out: Path) -> "Staged":
            return stage_dataset(corpus, out, i_have_the_right=i_have_the_right, **said)

    _send(stage, repo, "dataset", how)


@push.command("model")
def push_model(
    folder: Annotated[Path, typer.Argument(help="A saved model, or adapters.")],
    repo: Repo,
    merge: Annotated[
        bool, typer.Option("--merge", help="Add adapters to their base, send the whole model.")
    ] = False,
    base: Annotated[
        str | None, typer.Option(help="Hub id of the base of adapters trained on a folder.")
    ] = None,
    licence: Annotated[
        str | None, typer.Option(help="Of the weights, where it does not follow from the base.")
    ] = None,
    bench: Annotated[
        Path | None, typer.Option(help="bench.json of `affecthub bench`, for card and results.")
    ] = None,
    dry_run: DryRun = None,
    revision: Revision = None,
    private: Private = True,
    create_pr: CreatePr = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Push a model as from_pretrained("OWNER/NAME") reads it, with its card and scores."""
    from affecthub.hub_cards.models import stage_model

    how = How(dry_run, revision, private, create_pr, yes, as_json)
    said: dict[str, Any] = {"merge": merge, "base": base, "licence": licence, "bench": bench}
    _send(lambda out: stage_model(folder, out, name=repo, **said), repo, "model", how)


@push.command("metric")
def push_metric(
    name: Annotated[str, typer.Argument(help="Metric name.")],
    repo: Repo,
    dry_run: DryRun = None,
    revision: Revision = None,
    private: Private = True,
    create_pr: CreatePr = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Push a metric as evaluate.load("OWNER/NAME") reads it: a Space with a page to try it."""
    from affecthub.hub_cards.metrics import stage_metric

    how = How(dry_run, revision, private, create_pr, yes, as_json)
    _send(lambda out: stage_metric(name, out), repo, "space", how)


@push.command("space")
def push_space(
    name: Annotated[str, typer.Argument(help="demo or leaderboard.")],
    repo: Repo,
    model: Annotated[
        str | None, typer.Option(help="demo: Hub id of an AffectGPT, or its folder.")
    ] = None,
    results: Annotated[
        list[Path],
        typer.Option(help="leaderboard: a bench.json, or a folder of some; repeatable."),
    ] = [],  # noqa: B006 - typer reads the default, nothing changes it
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="OPTION=VALUE", help="Another setting, as hardware=..."),
    ] = [],  # noqa: B006
    dry_run: DryRun = None,
    revision: Revision = None,
    private: Private = True,
    create_pr: CreatePr = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Push a page: the demo of a model, or the leaderboard."""
    from affecthub.hub_cards.spaces import stage_space

    how = How(dry_run, revision, private, create_pr, yes, as_json)
    told = own_options(settings)
    told |= {"model": model} if model else {}
    told |= {"results": results} if results else {}
    _send(lambda out: stage_space(name, out, **told), repo, "space", how)


def _send(stage: "Callable[[Path], Staged]", repo: str, kind: "RepoType", how: How) -> None:
    """Stage and push, or only stage; who may not push learns it before anything is written."""
    from affecthub.hub_cards.publishing import look, publish, require_repo_id

    if how.dry_run is not None:
        require_repo_id(repo)
        with _full_disk_in_words(how.dry_run):
            _show(stage(how.dry_run), how.as_json)
        return
    _require_client()
    where: dict[str, Any] = {"private": how.private, "revision": how.revision}
    where |= {"create_pr": how.create_pr}
    look(repo, kind, **where, say=_say)
    plans: list[Plan] = []

    def confirm(plan: "Plan") -> None:
        plans.append(plan)
        _ask(plan, how)

    with _workplace() as folder:
        done = publish(stage(folder), repo, **where, confirm=confirm, say=_say)
    if how.as_json:
        print_json({"plan": plans[0].to_dict(), "published": asdict(done)})
    elif not done.changed:
        console.print(f"Everything is there already: {done.url}", soft_wrap=True)
    elif done.pull_request:
        console.print(f"Pull request to look at and merge: {done.url}", soft_wrap=True)
    else:
        console.print(f"Pushed to {done.url}, commit {done.commit[:7]}", soft_wrap=True)


def _show(staged: "Staged", as_json: bool) -> None:
    """What a push would send, where nothing is known of the Hub."""
    from affecthub.hub_cards.publishing.card import require_card
    from affecthub.hub_cards.publishing.difference import difference
    from affecthub.hub_cards.publishing.folder import list_files
    from affecthub.hub_cards.publishing.plan import file_rows, size

    files = list_files(staged.folder)
    require_card(staged)
    rows = file_rows(difference(files, {}))
    n_bytes = sum(file.n_bytes for file in files)
    if as_json:
        print_json(
            {"out_dir": staged.folder, "files": rows, "n_bytes": n_bytes, "notes": staged.notes}
        )
        return
    shown = [(row["path"], size(row["n_bytes"]), row["how"]) for row in rows]
    print_table(("file", "size", "kept as"), shown)
    for note in staged.notes:
        console.print(note, soft_wrap=True)
    console.print(
        f"Written to {staged.folder}: {len(files):,} files, {size(n_bytes)}. Nothing was sent.",
        soft_wrap=True,
    )


def _ask(plan: "Plan", how: How) -> None:
    if not how.as_json:
        console.print(plan.heading(), soft_wrap=True)
        print_screen(plan)
    if how.yes or not plan.anything:
        return
    if not sys.stdin.isatty():
        raise ValueError("push: got no terminal to ask on, expected --yes. Nothing was sent.")
    typer.confirm("Send it?", err=True, abort=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _require_client() -> None:
    require("huggingface_hub", "model", "push to the Hub")
    if not sys.stderr.isatty():
        from huggingface_hub.utils import disable_progress_bars

        disable_progress_bars()


@contextmanager
def _workplace() -> Iterator[Path]:
    """A folder to stage in, gone afterwards."""
    with TemporaryDirectory(prefix="affecthub-push-") as folder, _full_disk_in_words(Path(folder)):
        yield Path(folder, "repository")


@contextmanager
def _full_disk_in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise OSError(
            f"push: got a full disk at {folder}, expected room for the repository. Nothing was "
            "sent, and what was written is gone. Free some, or stage elsewhere (TMPDIR)."
        ) from None
