"""An editor's conversation with `irodori lsp`, over its standard input and output."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from lsprotocol import types
from pygls.lsp.client import LanguageClient

TEXT = "😀 1girl, long_hair, hererochromia, arm up, arm behind back\nNegative prompt: sensitive\n"


class Client(LanguageClient):
    """A client that remembers the findings it was sent."""

    def __init__(self) -> None:
        super().__init__("test", "1")
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: asyncio.Queue[types.ShowMessageParams] = asyncio.Queue()

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(sent: types.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(sent)

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def shown(sent: types.ShowMessageParams) -> None:
            self.messages.put_nowait(sent)


Talk = Callable[[Client, str], Coroutine[Any, Any, None]]


def converse(folder: Path, talk: Talk, text: str = TEXT) -> None:
    """Start the server, open a document, talk, and end in an orderly way."""

    async def conversation() -> None:
        client = Client()
        await client.start_io(sys.executable, "-m", "irodori", "lsp", cwd=str(folder))
        await client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(), root_uri=folder.as_uri()
            )
        )
        client.initialized(types.InitializedParams())
        uri = (folder / "a.prompt").as_uri()
        client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                text_document=types.TextDocumentItem(
                    uri=uri, language_id="prompt", version=1, text=text
                )
            )
        )
        await talk(client, uri)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()

    async def limited() -> None:
        await asyncio.wait_for(conversation(), timeout=240)

    asyncio.run(limited())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IRODORI_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path.parent / "data"))
    return tmp_path


def at(line: int, character: int) -> types.Position:
    return types.Position(line=line, character=character)


async def codes(client: Client) -> dict[str, types.Diagnostic]:
    sent = await client.published.get()
    return {str(one.code): one for one in sent.diagnostics}


def test_an_editor_is_told_shown_offered_and_helped(home: Path) -> None:
    async def talk(client: Client, uri: str) -> None:
        document = types.TextDocumentIdentifier(uri=uri)
        found = await codes(client)
        assert {"SYN020", "POP002", "POP005", "NEG002"} <= found.keys()
        # The face before it is two units in UTF-16.
        assert found["SYN020"].range == types.Range(start=at(0, 10), end=at(0, 19))
        assert found["SYN020"].severity == types.DiagnosticSeverity.Warning
        assert found["NEG002"].range == types.Range(start=at(1, 17), end=at(1, 26))

        hover = await client.text_document_hover_async(
            types.HoverParams(text_document=document, position=at(0, 40))
        )
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "arm up" in hover.contents.value
        assert "pictures" in hover.contents.value
        assert "arm-pose" in hover.contents.value

        actions = await client.text_document_code_action_async(
            types.CodeActionParams(
                text_document=document,
                range=types.Range(start=at(0, 22), end=at(0, 22)),
                context=types.CodeActionContext(diagnostics=[]),
            )
        )
        assert actions is not None
        best = next(one for one in actions if "heterochromia" in one.title)
        assert isinstance(best, types.CodeAction)
        assert best.edit is not None
        assert best.edit.changes is not None
        assert best.edit.changes[uri][0].new_text == "heterochromia"
        assert best.edit.changes[uri][0].range == types.Range(start=at(0, 21), end=at(0, 34))

        edits = await client.text_document_formatting_async(
            types.DocumentFormattingParams(
                text_document=document,
                options=types.FormattingOptions(tab_size=4, insert_spaces=True),
            )
        )
        assert edits is not None
        assert "long hair" in edits[0].new_text

        client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(uri=uri, version=2),
                content_changes=[
                    types.TextDocumentContentChangePartial(
                        range=types.Range(start=at(0, 0), end=at(2, 0)), text="1girl, makima (ch"
                    )
                ],
            )
        )
        await codes(client)
        offered = await client.text_document_completion_async(
            types.CompletionParams(text_document=document, position=at(0, 13))
        )
        assert isinstance(offered, types.CompletionList)
        first = offered.items[0]
        assert first.label == "makima (chainsaw man)"
        assert isinstance(first.text_edit, types.TextEdit)
        assert first.text_edit.new_text == r"makima \(chainsaw man\)"
        assert first.text_edit.range == types.Range(start=at(0, 7), end=at(0, 13))
        assert "character" in str(first.detail)

    converse(home, talk)


def test_the_projects_settings_count_and_are_read_again(home: Path) -> None:
    project = home / "irodori.toml"
    project.write_text('[lint]\nselect = ["SYN"]\n')

    async def talk(client: Client, uri: str) -> None:
        assert set(await codes(client)) == {"SYN020"}
        project.write_text('[lint]\nselect = ["NEG"]\n')
        saved = types.DidSaveTextDocumentParams(text_document=types.TextDocumentIdentifier(uri=uri))
        client.text_document_did_save(saved)
        assert set(await codes(client)) == {"NEG002"}
        project.write_text("[lint]\nselec = 1\n")
        client.text_document_did_save(saved)
        assert await codes(client) == {}
        assert "select" in (await client.messages.get()).message

    converse(home, talk)
