"""A page to try mer_unibench in the browser."""

from affecthub.metrics.modules.page import launch

launch("mer_unibench")
