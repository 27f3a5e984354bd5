"""Where lexicons come from: released tables, the cache, and labels composed of several words."""
