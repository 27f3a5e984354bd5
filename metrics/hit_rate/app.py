"""A page to try hit_rate in the browser."""

from affecthub.metrics.modules.page import launch

launch("hit_rate")
