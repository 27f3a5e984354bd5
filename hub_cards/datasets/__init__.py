"""Corpora and the benchmark as they stand on the Hub: exact folders, and who may push them."""

from affecthub.hub_cards.datasets.benchmark import stage_benchmark
from affecthub.hub_cards.datasets.corpus import export_staged, require_right, stage_dataset

__all__ = ["export_staged", "require_right", "stage_benchmark", "stage_dataset"]
