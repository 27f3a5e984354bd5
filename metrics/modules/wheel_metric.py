"""The base of the evaluate modules over emotion wheels: label lists, and lexicons by name."""

from typing import Any, ClassVar

from datasets import DownloadManager

from affecthub.metrics.lexicon.released import RELEASES, fetch_tables
from affecthub.metrics.modules.metric import ClipMetric
from affecthub.metrics.parsing import clip_items
from affecthub.metrics.wheels.clips import resolve


class WheelMetric(ClipMetric):
    """A metric whose predictions and references are one label list per clip, on a lexicon's wheels.

    Its configurations are the released lexicons: ``"mer2025"``, ``"mer2026"``.
    """

    streams: ClassVar[bool] = True

    def read_items(self, column: str, values: object) -> list[Any]:
        """Label lists as text, lists of text or None."""
        return clip_items(values, column)

    def checked(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options with the lexicon loaded: the named one, else that of the configuration."""
        source = options.get("lexicon")
        if source is None and self.config_name in RELEASES:
            source = self.config_name
        table = resolve(source, options.get("ring", "inner"), options.get("zero_division"))
        return super().checked({**options, "lexicon": table})

    def _download_and_prepare(self, dl_manager: DownloadManager) -> None:
        if self.config_name in RELEASES:
            fetch_tables(self.config_name, dl_manager)
