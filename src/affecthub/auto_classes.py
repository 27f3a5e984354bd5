"""Our models among the Auto classes of transformers, without importing either before it is needed.

transformers knows no plugins: a model is registered by code that has transformers imported. Here
the two tables in which its Auto classes look first are given entries that import a model's package
when it is asked for. If they are not loaded yet, that waits until they are. So after ``import
affecthub``, in whichever order, ``AutoConfig``, ``AutoProcessor``, ``AutoTokenizer``, ``AutoModel``
and ``AutoModelForMultimodalLM`` load a saved AffectGPT, and nobody else pays for it.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

# Model type -> the package that registers its classes when it is imported.
MODELS = {
    "affectgpt": "affecthub.modeling.affectgpt",
    "captioner": "affecthub.modeling.captioner",
    "erc": "affecthub.modeling.erc",
}
# Packages of which transformers looks up more than the configuration first.
WITH_PROCESSOR = ("affectgpt", "captioner")


class _Configurations(dict):
    """Configuration classes by model type; ours are imported when they are looked up."""

    def __contains__(self, model_type: object) -> bool:
        return model_type in MODELS or super().__contains__(model_type)

    def __missing__(self, model_type: str) -> Any:
        if model_type in MODELS:
            import_module(MODELS[model_type])
            if (found := self.get(model_type)) is not None:
                return found
        raise KeyError(model_type)


class _Processors(dict):
    """Processor classes by configuration; walked through for a name that is not transformers'."""

    def values(self) -> Any:
        """Import ours, where what they need is installed, and give them all."""
        for model_type in WITH_PROCESSOR:
            with suppress(ImportError):  # the name that is looked for may be anybody's
                import_module(MODELS[model_type])
        return super().values()


# Module of transformers -> its table, and what holds the classes that are registered there.
TABLES: dict[str, tuple[str, type[dict]]] = {
    "transformers.models.auto.configuration_auto": ("CONFIG_MAPPING", _Configurations),
    "transformers.models.auto.processing_auto": ("PROCESSOR_MAPPING", _Processors),
}


def announce() -> None:
    """Have the Auto classes find our models; transformers is imported neither now nor by this."""
    for name in TABLES:
        module = sys.modules.get(name)
        if module is None:
            sys.meta_path.insert(0, _AfterImport(name, _add))
        else:
            _add(module)


def _add(module: ModuleType) -> None:
    """Give a table its entries."""
    table, kind = TABLES[module.__name__]
    mapping = getattr(module, table)
    registered = mapping._extra_content
    if type(registered) is not kind:
        mapping._extra_content = kind(registered)


class _AfterImport(MetaPathFinder):
    """Call a function with one module as soon as that has been imported."""

    def __init__(self, name: str, then: Callable[[ModuleType], None]) -> None:
        self.name = name
        self.then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module as usual, and put the call behind its loading."""
        if fullname != self.name:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _LoadThen(spec.loader, self.then)
        return spec


class _LoadThen(Loader):
    """A loader that does one thing more, and leaves no trace of itself in the module."""

    def __init__(self, loader: Loader, then: Callable[[ModuleType], None]) -> None:
        self.loader = loader
        self.then = then

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As usual."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As usual, then the call."""
        assert module.__spec__ is not None, "the import system sets it"
        module.__loader__ = module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        self.then(module)
