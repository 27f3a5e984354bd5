"""Any encoder: what it makes of a clip's sound, words or pictures, kept in a feature cache."""
