"""A page to try hit_rate in the browser."""

from affecthub.metrics.modules.widget import launch

launch("hit_rate")
