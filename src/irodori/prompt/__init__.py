"""The prompt language: one lossless tree, and everything read from it."""
