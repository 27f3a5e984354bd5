"""CMU-MOSI: sentiment of English opinion videos, from -3 to 3."""
