"""What annotators said: votes as arrays, how far they agree, and one label out of many."""
