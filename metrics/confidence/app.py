"""A page to try confidence in the browser."""

from affecthub.metrics.widget import launch

launch("confidence")
