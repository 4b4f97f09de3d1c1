"""The model files of this machine: found by name, described, known by hash."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final

from irodori.app.config import Config
from irodori.catalog.describe import MODEL_INDEX, PICKLED, SAFETENSORS
from irodori.catalog.detectors import FACE, detector_files, find_detector
from irodori.catalog.detectors import SHIPPED as SHIPPED_DETECTOR
from irodori.catalog.folders import places_of
from irodori.catalog.hashes import HASHES_FILE, NETWORK_DIGITS, HashCache
from irodori.catalog.header import read_header
from irodori.catalog.record import ModelKind, ModelRecord, model_name
from irodori.catalog.scan import FoundFile, find_files, look_at, scan
from irodori.catalog.upscalers import find_upscaler
from irodori.errors import ModelFileError, UnknownNameError
from irodori.prompt import load_tokenizer, networks
from irodori.prompt.chunk import EmbeddingTable
from irodori.prompt.curves import KNOWN_KINDS, NetworkTag
from irodori.recipe.names import NetworkKind
from irodori.recipe.parts import FileIdentity, Network
from irodori.recipe.recipe import Recipe

RECORDS_FILE: Final = "models.json"

_STATED_HASH: Final = "sshs_model_hash"
_ENDINGS: Final = (SAFETENSORS, *PICKLED)


class Library:
    """What lies in the configured folders; looks again when one of them changed.

    Args:
        config: has the folders, and where the cache is.
    """

    def __init__(self, config: Config) -> None:
        self._places = places_of(config.models)
        self._cache = config.cache
        self._seen: dict[Path, int] = {}
        self.hashes = HashCache(config.cache / HASHES_FILE)

    @cached_property
    def records(self) -> tuple[ModelRecord, ...]:
        """All model files, in the order of folders and names; headers are read where new."""
        records = scan(self._places, self._cache / RECORDS_FILE)
        self._remember(record.path for record in records)
        return records

    def look_again(self) -> None:
        """Forget what was seen if a folder changed since: files came, went or were renamed."""
        if any(_modified(folder) != modified for folder, modified in self._seen.items()):
            self._seen.clear()
            for name in ("records", "_files"):
                self.__dict__.pop(name, None)

    def find(self, reference: str) -> ModelRecord:
        """Return the record of a file by its path, or by its name with or without folders.

        Raises:
            UnknownNameError: there is none.
        """
        path = Path(reference).expanduser()
        if path.is_file() or (path / MODEL_INDEX).is_file():
            return look_at(path)
        stem = reference.removesuffix(SAFETENSORS)
        found = _named(stem, [record.path for record in self.records])
        if found is None:
            names = tuple(record.name for record in self.records)
            raise UnknownNameError("model", reference, names, see="irodori models list")
        return next(record for record in self.records if record.path == found)

    def checkpoint(self, name: str) -> Path | None:
        """Return a checkpoint by its name, with or without folders and ending; None if none is."""
        stem = name.removesuffix(SAFETENSORS)
        checkpoints = [each.path for each in self.records if each.kind is ModelKind.CHECKPOINT]
        return _named(stem, checkpoints)

    def network(self, name: str) -> Path | None:
        """Return the file of a network by the name a prompt has for it.

        That is the file's stem, with folders before it or not (`style`, `artists/style`), or the
        name it was trained under. Letter case counts, unless only one file fits without. Of files
        in several folders, the first folder's is taken.
        """
        found = self._network(name)
        if found is None:
            self.look_again()
            found = self._network(name)
        return found

    def _network(self, name: str) -> Path | None:
        paths = [found.path for found in self._files if found.path.suffix.lower() in _ENDINGS]
        named = _all_named(name, paths)
        if len(named) > 1:  # a checkpoint may have the name too
            kinds = {path: look_at(path).kind for path in named}
            named = [path for path in named if kinds[path] is ModelKind.NETWORK] or named
        if named:
            return named[0]
        titled = [
            record.path
            for record in self.records
            if record.kind is ModelKind.NETWORK and name and record.title == name
        ]
        return titled[0] if len(titled) == 1 else None  # a title of two files means neither

    def autoencoder(self, name: str) -> Path | None:
        """Return the file of an autoencoder by its path, or by its stem; None where none is."""
        path = Path(name).expanduser()
        if path.is_file():
            return path
        kinds = (ModelKind.VAE, ModelKind.CHECKPOINT)
        return _named(name, [each.path for each in self.records if each.kind in kinds])

    def upscaler(self, name: str) -> Path | None:
        """Return the file of an upscaler by a name that programs have for it; None where none is.

        Files of the folders come before those of an installed package.
        """
        return find_upscaler(name, [found.path for found in self._files])

    def detector(self, name: str) -> Path | None:
        """Return the file of a detector by its name; None where there is none."""
        return find_detector(name, [place.path for place in self._places])

    def detector_name(self, name: str) -> str:
        """Return the name that recipes record for a detector: `face` by the file it means here."""
        path = self.detector(name) if name.strip().casefold() == FACE else None
        if path is None:
            return name
        return path.stem if path == SHIPPED_DETECTOR else path.name

    @property
    def detectors(self) -> tuple[str, ...]:
        """The names of the detectors that are here."""
        named = (FACE, SHIPPED_DETECTOR.stem)
        return (*named, *detector_files([place.path for place in self._places]))

    def autoencoder_identity(self, stated: FileIdentity) -> FileIdentity:
        """Return an autoencoder's name and hash; what was stated, where there is no such file."""
        path = self.autoencoder(stated.name) if stated.name else None
        if path is None:
            return stated
        return FileIdentity(name=stated.name, sha256=self.hashes.of(path).sha256)

    @property
    def embeddings(self) -> Mapping[str, Path]:
        """The textual inversions by name; of one name, the first folder's."""
        self.look_again()
        found: dict[str, Path] = {}
        for record in self.records:
            if record.kind is ModelKind.EMBEDDING:
                found.setdefault(record.name, record.path)
        return found

    def identity(self, tag: NetworkTag) -> Network:
        """Return what a recipe records of a network: without a hash where there is no file.

        Raises:
            ModelFileError: the file cannot be read.
        """
        path = self.network(tag.name)
        kind = NetworkKind(tag.kind)
        if path is None:
            return Network(kind=kind, name=tag.name)
        hashes = self.hashes.of(path)
        return Network(
            kind=kind,
            name=tag.name,
            digest=_stated_digest(path) or hashes.network,
            sha256=hashes.sha256,
        )

    def embedding_table(self, texts: Iterable[str]) -> EmbeddingTable | None:
        """Return what finds the embeddings that texts may name, with their numbers of vectors.

        One in a pickled file counts as one vector: such files are not opened here.
        """
        squeezed = "".join("".join(text.casefold().split()) for text in texts)
        vectors = {
            record.name: max(record.vectors, 1)
            for record in reversed(self.records)  # of one name, the first folder's counts
            if record.kind is ModelKind.EMBEDDING
            and "".join(record.name.casefold().split()) in squeezed
        }
        return EmbeddingTable(load_tokenizer(), vectors) if vectors else None

    def named_embeddings(self, texts: Iterable[str]) -> tuple[Network, ...]:
        """Return the identities of the embeddings that prompts name, in the order of the texts.

        Raises:
            ModelFileError: a file cannot be read.
        """
        files = self.embeddings
        if not files:
            return ()
        tokenizer = load_tokenizer()
        table = EmbeddingTable(tokenizer, dict.fromkeys(files, 1))
        names: dict[str, None] = {}
        for text in texts:
            tokens = tokenizer.tokens(text)
            found = (table.find(tokens, at) for at in range(len(tokens)))
            names |= {each[0]: None for each in found if each is not None}
        return tuple(
            Network(
                kind=NetworkKind.EMBEDDING,
                name=name,
                digest=hashes.sha256[:NETWORK_DIGITS],
                sha256=hashes.sha256,
            )
            for name in names
            if (hashes := self.hashes.of(files[name]))
        )

    @cached_property
    def _files(self) -> tuple[FoundFile, ...]:
        files = tuple(find_files(self._places))
        self._remember(found.path for found in files)
        return files

    def _remember(self, paths: Iterable[Path]) -> None:
        """Note when the folders of some files last changed."""
        folders = {path.parent for path in paths} | {place.path for place in self._places}
        self._seen |= {folder: _modified(folder) for folder in folders}


def _modified(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _named(name: str, paths: Iterable[Path]) -> Path | None:
    """Return the first path that ends in a name; see `_all_named`."""
    return next(iter(_all_named(name, paths)), None)


def _all_named(name: str, paths: Iterable[Path]) -> list[Path]:
    """Return the paths that end in a name; without regard to case if that fits just one."""
    wanted = Path(name).parts
    ends = [
        (path, (*path.parts[:-1], model_name(path))[-len(wanted) :]) for path in paths if wanted
    ]
    exact = [path for path, end in ends if end == wanted]
    if exact:
        return exact
    folded = name.casefold()
    loose = [path for path, end in ends if "/".join(end).casefold() == folded]
    return loose if len(loose) == 1 else []


def _stated_digest(path: Path) -> str:
    """Return the hash that kohya's trainer wrote into a network; empty where there is none."""
    if path.suffix.lower() != SAFETENSORS:
        return ""
    try:
        stated = read_header(path).metadata.get(_STATED_HASH, "")
    except ModelFileError:  # drawing with it will say what is wrong
        return ""
    digest = stated.removeprefix("0x")[:NETWORK_DIGITS].lower()
    return digest if all(digit in "0123456789abcdef" for digit in digest) else ""


def with_networks(recipe: Recipe, library: Library) -> Recipe:
    """Return a recipe with the identities of the networks and embeddings that its prompts name.

    A network without a hash is not there, and nothing is drawn with it.

    Raises:
        ModelFileError: a file cannot be read.
    """
    parts = [part.own for part in (recipe.hires, *recipe.detailers) if part is not None]
    settings = [recipe.settings(own) for own in (None, *parts)]
    tags = {
        tag.name: tag
        for own in settings
        for tag in networks(own.prompt, dialect=recipe.dialect)
        if tag.name and tag.kind in KNOWN_KINDS
    }
    texts = dict.fromkeys(text for own in settings for text in (own.prompt, own.negative_prompt))
    found = (*(library.identity(tag) for tag in tags.values()), *library.named_embeddings(texts))
    return replace(recipe, networks=found)
