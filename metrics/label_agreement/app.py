"""A page to try label_agreement in the browser."""

from affecthub.metrics.widget import launch

launch("label_agreement")
