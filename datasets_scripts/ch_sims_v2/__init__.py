"""CH-SIMS v2, supervised part: sentiment of Chinese clips, as a whole and for each modality."""
