"""What a walk over a file collects."""

from dataclasses import dataclass, field

from irodori.errors import PictureFileError
from irodori.recipe.picture.limits import check_size


@dataclass(slots=True)
class Findings:
    """What was found so far in one file."""

    width: int = 0
    height: int = 0
    texts: list[tuple[str, str]] = field(default_factory=list)
    exif: bytes = b""
    xmp: bytes = b""
    comment: bytes = b""
    warnings: list[str] = field(default_factory=list)

    def set_size(self, width: int, height: int) -> None:
        """Note the picture's size, refusing what is too large."""
        check_size(width, height)
        self.width, self.height = width, height

    def truncated(self, how: str) -> None:
        """Note that the file is cut off; refuse it where nothing was found before.

        Raises:
            PictureFileError: the file holds nothing that could be read.
        """
        if not (self.texts or self.exif or self.xmp or self.comment):
            raise PictureFileError(f"the file is cut off: {how}, and holds no metadata before that")
        self.warnings.append(f"the file is cut off: {how}; its metadata stands before that")
