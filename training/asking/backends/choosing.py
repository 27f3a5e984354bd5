"""Whom a name names: a script, an endpoint, AffectGPT, or any other chat model."""

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from affecthub.training.asking.asks import Backend
from affecthub.training.model_folder import require_model_folder

_SCRIPT = "script:"
_PACKAGED = "pretrained:"
_is_url = re.compile(r"https?://").match
_AFFECTGPT = "affectgpt"


def backend_of(model: str, **settings: Any) -> Backend:
    """A backend by the name of its model; what it needs is imported now.

    Args:
        model: ``script:FILE``; ``http://HOST/v1#MODEL`` or ``https://...`` of an
            OpenAI-compatible endpoint and the model it serves; ``pretrained:gemma3-270m``, a base
            model out of package wheels; or the folder or Hub id of a model, AffectGPT where its
            configuration says so.
        **settings: The backend's own arguments, such as ``batch_size`` and ``max_new_tokens``;
            those that are None are left to it. A backend without a ``batch_size`` of its own is
            handed batches as they come.

    Raises:
        ValueError: The URL names no model, a setting that this kind of model has not, or as the
            backend says.
        FileNotFoundError: There is no such file or folder.
        ImportError: A package is missing.
    """
    kind, named = kind_of(model)
    make = _maker(kind)
    given = {name: value for name, value in settings.items() if value is not None}
    known = inspect.signature(make).parameters
    if "batch_size" not in known:
        given.pop("batch_size", None)
    foreign = [name for name in given if name not in known]
    if foreign:
        own = ", ".join(name for name in list(known)[len(named) :])
        raise ValueError(
            f"{', '.join(f'`{name}`' for name in foreign)} has no effect on {kind}: got it for "
            f"{model!r}, expected none but {own}. Leave it out."
        )
    backend: Backend = make(*named, **given)
    return backend


def kind_of(model: str) -> tuple[str, tuple[str, ...]]:
    """What kind of model a name names, and what to make it of.

    Example:
        >>> kind_of("http://localhost:8000/v1#Qwen/Qwen2.5-Omni-7B")
        ('an endpoint', ('http://localhost:8000/v1', 'Qwen/Qwen2.5-Omni-7B'))

    Raises:
        ValueError: A URL without a model.
        FileNotFoundError: A path that is not there.
    """
    if model.startswith(_SCRIPT):
        return "a script", (model.removeprefix(_SCRIPT),)
    if model.startswith(_PACKAGED):
        return "a base model", (model.removeprefix(_PACKAGED),)
    if _is_url(model):
        url, _, served = model.partition("#")
        if not served:
            raise ValueError(
                f"the endpoint's model is missing: got {model!r}, expected the URL, # and the name "
                "under which the model is served, such as http://localhost:8000/v1#MODEL."
            )
        return "an endpoint", (url.rstrip("/"), served)
    require_model_folder(model)
    return ("AffectGPT" if model_type(model) == _AFFECTGPT else "a chat model"), (model,)


def is_local(kind: str) -> bool:
    """Whether a model of this kind computes in this process, by torch."""
    return kind in ("AffectGPT", "a chat model", "a base model")


def model_type(model: str) -> str:
    """What the configuration of a model calls its type; of adapters that of their base.

    Args:
        model: Folder or Hub id.

    Raises:
        OSError: It has no configuration.
    """
    folder = Path(model)
    if (folder / "config.json").is_file():
        return str(json.loads((folder / "config.json").read_text("utf-8")).get("model_type", ""))
    if (folder / "adapter_config.json").is_file():
        adapter = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        base = str(adapter.get("base_model_name_or_path") or "")
        # Adapters may lie beside the model that they were trained on.
        near = folder / base
        return model_type(str(near) if base and near.is_dir() else base) if base else ""
    from transformers import PretrainedConfig

    return str(PretrainedConfig.get_config_dict(model)[0].get("model_type", ""))


def _maker(kind: str) -> Callable[..., Any]:
    """The class of a kind of model."""
    if kind == "a script":
        from affecthub.training.asking.backends.scripted import ScriptedBackend

        return ScriptedBackend
    if kind == "a base model":
        from affecthub.training.asking.backends.completion import CompletionBackend

        return CompletionBackend
    if kind == "an endpoint":
        from affecthub.training.asking.backends.endpoint import EndpointBackend

        return EndpointBackend
    if kind == "AffectGPT":
        from affecthub.training.asking.backends.affectgpt import AffectGPTBackend

        return AffectGPTBackend
    from affecthub.training.asking.backends.transformers_chat import TransformersBackend

    return TransformersBackend
