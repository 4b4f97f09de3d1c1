"""Passes: one a file; each takes latents or noise and gives latents."""
