"""Programs that join corpora, metrics and models: fine-tune, predict, report."""
