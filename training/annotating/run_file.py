"""What a run of steps is: the file that lists them, checked before anything is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from affecthub.errors import unknown_name
from affecthub.settings import read_yaml
from affecthub.training.asking.clips import read_letters
from affecthub.training.asking.prompts.registry import Prompt, load_prompt

RUNS = Path(__file__).with_name("runs")
# What each filter may say.
FILTERS: dict[str, tuple[str, ...]] = {
    "speaker": ("scores", "threshold", "unknown"),
    "length": ("of", "deviations"),
    "crowd": ("of", "votes", "least", "sentiment", "unknown"),
}
# What a step is, and what it may say beside that.
KINDS: dict[str, tuple[str, ...]] = {
    "ask": ("by", "media", "with", "frames"),
    "join": ("between",),
    "merge": (),
    "extract": (),
    "person": ("rounds", "instructions"),
    "filter": tuple(dict.fromkeys(name for names in FILTERS.values() for name in names)),
}
_FIELDS = ("name", "about", "backends", "steps", "result", "compare", "against")
_BACKEND = ("model", "max_new_tokens", "batch_size", "temperature", "seed")


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: What later steps call it.
        kind: A key of `KINDS`.
        inputs: What it is made of: names of earlier steps or of the corpus' columns.
        options: What else it says.
        prompt: Of an ``ask``.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    prompt: Prompt | None = None


@dataclass(frozen=True)
class RunFile:
    """A graph of steps in an order in which they can be taken.

    Attributes:
        name: Of the run.
        steps: In order; a step knows those before it alone.
        backends: Settings of each, by the names that steps use; ``model`` may be left open.
        result: Column of the result to the step that fills it.
        compare: Name in the table to a step whose labels are compared.
        against: Step or column of labels that they are compared with; "" for none.
    """

    name: str
    steps: tuple[Step, ...]
    backends: dict[str, dict[str, Any]]
    result: dict[str, str]
    compare: dict[str, str]
    against: str

    def with_models(self, models: Mapping[str, str]) -> "RunFile":
        """The run with the models of its backends named, or named otherwise.

        Raises:
            ValueError: A backend is not of this run.
        """
        backends = {name: dict(settings) for name, settings in self.backends.items()}
        for name, model in models.items():
            if name not in backends:
                raise unknown_name(f"backend of {self.name}", name, backends)
            backends[name]["model"] = model
        return RunFile(self.name, self.steps, backends, self.result, self.compare, self.against)


def run_names() -> list[str]:
    """Runs that come with the package."""
    return sorted(path.stem for path in RUNS.glob("*.yaml"))


def load_run(name: str | PathLike[str]) -> RunFile:
    """Read a run file.

    Args:
        name: One of `run_names`, or a path of one's own. Prompts are named as `load_prompt` takes
            them; a path among them, or of votes and scores, is taken from the file's folder where
            it is there.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no such file; the step and what is wrong with it are named.
    """
    known = run_names()
    path = RUNS / f"{name}.yaml" if str(name) in known else Path(name)
    if not path.is_file():
        if path.suffix in (".yaml", ".yml"):
            raise FileNotFoundError(f"{path} does not exist: expected a run file.")
        raise unknown_name("run", name, known)
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: got {type(content).__name__}, expected an object with `steps`.")
    try:
        return _read(content, path)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _read(content: dict[str, Any], path: Path) -> RunFile:
    _only(content, _FIELDS, "a run")
    steps = content.get("steps")
    if not isinstance(steps, dict) or not steps:
        raise ValueError("`steps`: got none, expected an object of steps by name.")
    backends = _backends(content.get("backends") or {})
    read: dict[str, Step] = {}
    for name, told in steps.items():
        try:
            read[str(name)] = _step(str(name), told, backends, path.parent)
        except (ValueError, FileNotFoundError) as error:
            raise ValueError(f"step {name!r}: {error}") from error
    named = {key: dict(content.get(key) or {}) for key in ("result", "compare")}
    for where, table in named.items():
        for column, step in table.items():
            if step not in read or read[step].kind == "filter":
                raise ValueError(f"`{where}`, {column!r}: got {step!r}, expected a step's name.")
    _require_order(read)
    against = str(content.get("against") or "")
    if bool(named["compare"]) != bool(against):
        raise ValueError("`compare` and `against` belong together: got one of them.")
    name = str(content.get("name") or path.stem)
    return RunFile(name, tuple(read.values()), backends, named["result"], named["compare"], against)


def _step(name: str, told: Any, backends: Mapping[str, Any], folder: Path) -> Step:
    if not isinstance(told, dict):
        raise ValueError(f"got {told!r}, expected an object such as {{ask: PROMPT, by: BACKEND}}.")
    if not name.isidentifier():
        raise ValueError("its name is no name: expected letters, digits and underscores.")
    kinds = [kind for kind in KINDS if kind in told]
    if len(kinds) != 1:
        raise ValueError(f"got {', '.join(told) or 'nothing'}, expected one of {', '.join(KINDS)}.")
    kind = kinds[0]
    options = {key: value for key, value in told.items() if key != kind}
    _only(options, KINDS[kind], f"a step of kind `{kind}`")
    first = told[kind]
    if kind == "ask":
        return _ask(name, first, options, backends, folder)
    if kind == "filter":
        if first not in FILTERS:
            raise unknown_name("filter", first, FILTERS)
        if first != "speaker" and not options.get("of"):
            raise ValueError(f"filter `{first}` needs `of`: the step that it judges.")
        if first == "crowd" and not isinstance(options.get("votes"), dict):
            raise ValueError("filter `crowd` needs `votes`: a name for each file of labels.")
        _only(options, FILTERS[first], f"filter `{first}`")
        for key in ("threshold", "deviations", "least"):
            value = options.get(key, 1)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"`{key}`: got {value!r}, expected a number.")
        of = options.get("of")
        if "scores" in options:
            options["scores"] = _file(options["scores"], folder)
        if "votes" in options:
            options["votes"] = {str(k): _file(v, folder) for k, v in options["votes"].items()}
        return Step(name, kind, (str(of),) if of else (), options | {"filter": first})
    inputs = first if isinstance(first, list) else [first]
    if not inputs or not all(isinstance(each, str) for each in inputs):
        raise ValueError(f"`{kind}`: got {first!r}, expected the name of a step, or a list.")
    if kind in ("extract", "person") and len(inputs) != 1:
        raise ValueError(f"`{kind}`: got {len(inputs)} steps, expected one.")
    rounds = options.get("rounds", 1)
    if not isinstance(rounds, int) or rounds < 1:
        raise ValueError(f"`rounds`: got {rounds!r}, expected a number from 1.")
    return Step(name, kind, tuple(inputs), options)


def _file(named: Any, folder: Path) -> str:
    """A file beside the run file, else from where the command is given.

    Raises:
        FileNotFoundError: It is in neither.
    """
    for path in (folder / str(named), Path(str(named))):
        if path.is_file():
            return str(path)
    raise FileNotFoundError(f"{named} does not exist: expected a file, named from {folder}.")


def _ask(
    name: str, named: Any, options: dict[str, Any], backends: Mapping[str, Any], folder: Path
) -> Step:
    beside = folder / str(named)
    prompt = load_prompt(beside if beside.is_file() else str(named))
    if options.get("by") not in backends:
        raise unknown_name("backend", options.get("by"), backends)
    places = options.get("with") or {}
    if not isinstance(places, dict):
        raise ValueError(f"`with`: got {places!r}, expected a step for each placeholder.")
    foreign = [place for place in places if place not in prompt.placeholders]
    if foreign:
        raise unknown_name(f"placeholder of {prompt.id}", foreign[0], prompt.placeholders)
    read_letters(str(options.get("media", "t")))
    frames = options.get("frames", 1)
    if isinstance(frames, bool) or not isinstance(frames, int) or frames < 1:
        raise ValueError(f"`frames`: got {frames!r}, expected a number from 1.")
    filled = {"subtitle", "labels", "language", *places}
    lacking = sorted(prompt.placeholders - filled)
    if lacking:
        raise ValueError(f"prompt {prompt.id!r} has {{{lacking[0]}}}: name a step by `with`.")
    return Step(name, "ask", tuple(map(str, places.values())), options, prompt)


def _backends(told: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(told, dict):
        raise ValueError(f"`backends`: got {told!r}, expected settings by name.")
    read: dict[str, dict[str, Any]] = {}
    for name, settings in told.items():
        settings = {"model": settings} if isinstance(settings, str) else dict(settings or {})
        _only(settings, _BACKEND, f"backend {name!r}")
        read[str(name)] = settings
    return read


def _require_order(steps: Mapping[str, Step]) -> None:
    """Refuse a step that is made of a later one, or of itself."""
    names = list(steps)
    for number, step in enumerate(steps.values()):
        for each in step.inputs:
            if each in names[number:]:
                raise ValueError(
                    f"step {step.name!r} is made of {each!r}, which does not come before it: "
                    "expected an earlier step or a column."
                )


def _only(told: Iterable[Any], known: Iterable[str], what: str) -> None:
    for name in told:
        if name not in known:
            raise unknown_name(f"field of {what}", name, known)
