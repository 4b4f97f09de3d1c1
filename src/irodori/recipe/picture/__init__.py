"""What picture files say about themselves, read without decoding a pixel."""

from irodori.recipe.picture.metadata import Metadata, read_metadata

__all__ = ["Metadata", "read_metadata"]
