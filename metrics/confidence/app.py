"""A page to try confidence in the browser."""

from affecthub.metrics.modules.widget import launch

launch("confidence")
