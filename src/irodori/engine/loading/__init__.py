"""Model files to modules."""
