"""Takes a dump into the vocabulary's file."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from irodori.tags.database import connect, from_shipped, is_readable, write, writing
from irodori.tags.dump import Dump
from irodori.tags.merge import merged
from irodori.tags.rows import read_dumps
from irodori.tags.shipped import fingerprint, read_shipped
from irodori.tags.vocabulary import default_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did.

    Attributes:
        source: the key of the figures' source.
        tags: tags in the dump.
        new: those that the vocabulary has from this dump alone.
        renewed: described tags whose count now is the dump's.
        aliases: spellings in the dump.
        implications: implications in the dump.
    """

    source: str
    tags: int
    new: int
    renewed: int
    aliases: int
    implications: int


def import_dump(dump: Dump, path: Path | None = None) -> Imported:
    """Replace what the dump's source said before; the descriptions of tags stay as they are.

    The file is replaced as a whole: whoever reads meanwhile sees the old one or the new one. An
    older figure never replaces a newer one.

    Args:
        dump: all that one source says.
        path: the vocabulary's file; None takes the user's own.

    Raises:
        OutputError: the file cannot be written.
    """
    path = path or default_path()
    with writing(path):
        shipped = from_shipped(read_shipped(), fingerprint())
        earlier: tuple[Dump, ...] = ()
        if is_readable(path):
            with closing(connect(path)) as connection:
                left_out = shipped.own_sources | {dump.source.key}
                earlier = read_dumps(connection, without=left_out)
        contents = merged(shipped, (*earlier, dump))
        write(path, contents)
    own = dump.source.key
    taken = sum(source == own for _, source in contents.figures.values())
    renewed = sum(contents.figures[text][1] == own for text in contents.descriptions)
    return Imported(
        source=own,
        tags=len(dump.figures),
        new=taken - renewed,
        renewed=renewed,
        aliases=len(dump.aliases),
        implications=len(dump.implications),
    )
