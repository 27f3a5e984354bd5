"""A page to try mer_unibench in the browser."""

from affecthub.metrics.modules.widget import launch

launch("mer_unibench")
