"""Samplers: one family a file, one generator a sampler."""
