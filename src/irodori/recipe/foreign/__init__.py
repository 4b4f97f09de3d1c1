"""Readers for pictures by other programs, one program a file; each total, each telling."""
