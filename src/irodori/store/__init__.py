"""The record: pictures on disk, and what is known about them."""
