"""What `affecthub.metrics.extraction` looks for in sentences."""
