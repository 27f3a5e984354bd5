"""Which clip stands on which side: split files, making splits, and what two sets share."""
