"""Irodori: a studio for drawing with Illustrious that understands the prompt before it draws."""

__version__ = "0.1.0"
