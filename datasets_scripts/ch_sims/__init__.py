"""CH-SIMS: sentiment of Chinese film clips, as a whole and for each modality."""
