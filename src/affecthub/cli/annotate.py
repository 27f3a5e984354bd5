"""The commands of ``affecthub annotate``: run, serve, tokens, progress, export."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from affecthub.cli.annotate_run import annotate_run
from affecthub.cli.options import DataDir, Options, Roots, named_folders, own_options
from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.errors import require


class _ByFile(TyperGroup):
    """``affecthub annotate RUN.yaml`` is ``affecthub annotate run RUN.yaml``."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is meant."""
        if args[0].endswith((".yaml", ".yml")):
            args = ["run", *args]
        return super().resolve_command(ctx, args)


annotate = typer.Typer(
    cls=_ByFile, help="Corpora labelled by people, and by models.", no_args_is_help=True
)
annotate.command("run")(annotate_run)

Database = Annotated[
    str, typer.Option("--db", help="sqlite:///FILE.db or postgresql://USER@HOST/NAME.")
]


@annotate.command("serve")
def annotate_serve(
    name: Annotated[str, typer.Argument(help="Corpus name.")],
    data_dir: DataDir,
    db: Database,
    task: Annotated[
        str, typer.Option(help="What is asked: basic, dimensions, emotiontalk or FILE.yaml.")
    ] = "basic",
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    protocol: Annotated[str | None, typer.Option(help="How it is split.")] = None,
    split: Annotated[str | None, typer.Option(help="One split; by default all.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most how many clips.")] = None,
    seed: Annotated[int, typer.Option(help="Of the annotators' orders.")] = 0,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    options: Options = [],  # noqa: B006
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.")] = 8123,
    server_name: Annotated[
        list[str],
        typer.Option("--server-name", help="Name of a proxy, or of this machine; repeatable."),
    ] = [],  # noqa: B006
    https: Annotated[
        bool, typer.Option("--https", help="A proxy before it speaks https: secure cookies.")
    ] = False,
) -> None:
    """Open a local page on which people label clips, one modality after the other."""
    store = _store(db)
    from affecthub.datasets_scripts.corpus import Corpus

    require("fastapi", "annotate", "serve the annotation page")
    require("uvicorn", "annotate", "serve the annotation page")
    from affecthub.training.platform.clips import Clips, open_project
    from affecthub.training.platform.serving import listen, serve
    from affecthub.training.platform.task import task_content

    roots, own = named_folders(root), own_options(options)
    corpus = Corpus(name, data_dir, config, protocol=protocol, roots=roots, **own)
    emotion: Any = corpus.features["emotion"]
    clips = Clips(corpus, split, limit)
    content = task_content(task)
    project = open_project(store, clips, content, emotion.names, task, seed)
    listening = listen(host, port)
    console.print(
        f"{len(clips.order)} clips of {name}; annotators sign in at "
        f"http://{host}:{listening.getsockname()[1]} with what `affecthub annotate tokens` gave "
        "them. Ctrl+C stops; nothing is lost.",
        soft_wrap=True,
    )
    if host not in ("127.0.0.1", "localhost", "::1") and not https:
        console.print(
            "Others can reach this address, and tokens travel unencrypted: put a proxy with https "
            "before it and say --https.",
            soft_wrap=True,
        )
    names = [*server_name, *([] if host in ("0.0.0.0", "::") else [host])]
    serve(store, project, clips, listening, names=names, is_https=https)


@annotate.command("tokens")
def annotate_tokens(
    names: Annotated[list[str], typer.Argument(help="Names of people.")],
    db: Database,
    role: Annotated[str, typer.Option(help="annotator or reviewer.")] = "annotator",
    renew: Annotated[
        bool, typer.Option("--renew", help="New tokens for people who are there already.")
    ] = False,
    close: Annotated[
        bool,
        typer.Option(
            "--close", help="Let these people in no more; answers stay, others get the rest."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make annotators and reviewers; a token is shown here once and nowhere else."""
    store = _store(db)
    from affecthub.training.platform.people import close_person, make_tokens

    if close:
        freed = {name: close_person(store, name) for name in names}
        if as_json:
            print_json({"closed": freed})
            return
        for name, n in freed.items():
            console.print(f"Closed: {name}; others get {n} unfinished clips", soft_wrap=True)
        return
    made = make_tokens(store, names, role, renew=renew)
    if as_json:
        print_json(made)
        return
    for name, token in made.items():
        console.print(f"{name}\t{token}", soft_wrap=True)


@annotate.command("progress")
def annotate_progress(db: Database, as_json: AsJson = False) -> None:
    """Show how far the work has come, and how far annotators agree."""
    store = _store(db, new=False)
    from affecthub.training.platform.clips import project_of
    from affecthub.training.platform.counting import agreement_of, progress_of

    project = project_of(store)
    progress, agreement = progress_of(store, project), agreement_of(store, project)
    if as_json:
        print_json({**progress, "agreement": agreement})
        return
    print_table(["clips", ""], progress["clips"].items())
    print_table(["clips and modalities", ""], progress["standings"].items())
    if any(progress["lacking"].values()):
        print_table(["not to be shown in", "clips"], progress["lacking"].items())
    columns = ["name", "assigned", "done", "answers", "today"]
    print_table(columns, [[each[name] for name in columns] for each in progress["people"]])
    columns = ["modality", "question", "measure", "alone", "last", "alpha", "clips"]
    print_table(columns, [[each[name] for name in columns] for each in agreement])


@annotate.command("export")
def annotate_export(
    out_dir: Annotated[Path, typer.Argument(help="Folder to write, new or empty.")],
    db: Database,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="The corpus' folder, to write media too.")
    ] = None,
    config: Annotated[str | None, typer.Option(help="Config of the corpus.")] = None,
    protocol: Annotated[str | None, typer.Option(help="As it was served.")] = None,
    split: Annotated[str | None, typer.Option(help="As it was served.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="As it was served.")] = None,
    root: Roots = [],  # noqa: B006 - typer reads the default, nothing changes it
    options: Options = [],  # noqa: B006
    names: Annotated[
        bool, typer.Option("--names", help="Write people's names in place of numbers.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write every vote and decision, and the labels as a corpus that `folder` loads."""
    store = _store(db, new=False)
    from affecthub.training.platform.clips import Clips, project_of, require_same_clips
    from affecthub.training.platform.export import export

    project, clips = project_of(store), None
    if data_dir is not None:
        from affecthub.datasets_scripts.corpus import Corpus

        roots, own = named_folders(root), own_options(options)
        corpus = Corpus(project.corpus, data_dir, config, protocol=protocol, roots=roots, **own)
        clips = Clips(corpus, split, limit)
        require_same_clips(store, clips)
    done = export(store, project, out_dir, clips=clips, with_names=names)
    facts = {"folder": done.folder, "clips": done.n_clips, "labelled": done.n_labelled}
    facts |= {"votes": done.n_votes, "decisions": done.n_decisions}
    if as_json:
        print_json({**facts, "lacking": done.lacking})
        return
    print_table(["export", ""], facts.items())
    for line in done.lacking:
        console.print(f"Not written: {line}", soft_wrap=True)


def _store(url: str, *, new: bool = True) -> Any:
    """Open the database; a mistyped one is not made, unless it may be new."""
    require("sqlalchemy", "annotate", "keep annotations")
    from affecthub.training.platform.store import Store

    return Store(url, new=new)
