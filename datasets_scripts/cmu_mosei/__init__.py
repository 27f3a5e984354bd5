"""CMU-MOSEI: sentiment and six emotion intensities of English opinion videos."""
