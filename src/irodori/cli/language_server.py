"""The language server for `.prompt` files: the editor's questions over the protocol, by pygls.

Places are code points here and UTF-16 units (or what the client asked for) on the wire; pygls'
codec of the document's own lines converts them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from irodori import __version__
from irodori.app.config import Config
from irodori.app.editor import Change, Editor
from irodori.app.linting import open_linter
from irodori.app.prompt_file import PromptFile, read_prompt_file
from irodori.errors import InputError
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.report import line_and_column
from irodori.prompt.span import Span

SOURCE: Final = "irodori"
_SEVERITIES: Final = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.HINT: types.DiagnosticSeverity.Information,
}

P = TypeVar("P")
R = TypeVar("R")


def make_server(config: Config, *, profile: str | None = None) -> LanguageServer:
    """Return a language server; `start_io()` serves one client on standard input and output.

    Args:
        config: of this machine.
        profile: the model's family; None takes that of the file's project.
    """
    server = LanguageServer(SOURCE, __version__)
    desk = _Desk(server, config, profile)
    completing = types.CompletionOptions(trigger_characters=[" ", "_"])
    mending = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(_called(desk.opened))
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_called(desk.changed))
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(_called(desk.saved))
    server.feature(types.TEXT_DOCUMENT_HOVER)(_called(desk.hover))
    server.feature(types.TEXT_DOCUMENT_COMPLETION, completing)(_called(desk.complete))
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, mending)(_called(desk.act))
    server.feature(types.TEXT_DOCUMENT_FORMATTING)(_called(desk.format))
    return server


def _called(answer: Callable[[P], R]) -> Callable[[P], R]:
    """Return a function that calls a method: pygls marks what it is given, and methods refuse."""

    def call(parameters: P) -> R:
        return answer(parameters)

    return call


class _Desk:
    """Where requests arrive: finds the document and its folder's editor, and encodes answers."""

    def __init__(self, server: LanguageServer, config: Config, profile: str | None) -> None:
        self._server = server
        self._config = config
        self._profile = profile
        self._editors: dict[Path, Editor] = {}

    def opened(self, parameters: types.DidOpenTextDocumentParams) -> None:
        self._check(parameters.text_document.uri)

    def changed(self, parameters: types.DidChangeTextDocumentParams) -> None:
        self._check(parameters.text_document.uri)

    def saved(self, parameters: types.DidSaveTextDocumentParams) -> None:
        for editor in self._editors.values():  # the project's settings may be what was saved
            editor.close()
        self._editors.clear()
        self._check(parameters.text_document.uri)

    def hover(self, parameters: types.HoverParams) -> types.Hover | None:
        document, file, offset = self._asked(parameters)
        found = self._editor(document).hover(file, offset)
        if found is None:
            return None
        return types.Hover(
            contents=types.MarkupContent(kind=types.MarkupKind.Markdown, value=found.text),
            range=_range(document, found.span),
        )

    def complete(self, parameters: types.CompletionParams) -> types.CompletionList:
        document, file, offset = self._asked(parameters)
        found = self._editor(document).completions(file, offset)
        items = [
            types.CompletionItem(
                label=one.label,
                detail=one.detail,
                kind=types.CompletionItemKind.Keyword,
                filter_text=one.span.of(file.text),
                sort_text=f"{number:03}",
                text_edit=types.TextEdit(range=_range(document, one.span), new_text=one.insert),
            )
            for number, one in enumerate(found)
        ]
        return types.CompletionList(is_incomplete=True, items=items)

    def act(self, parameters: types.CodeActionParams) -> list[types.CodeAction]:
        document = self._document(parameters.text_document.uri)
        file = read_prompt_file(document.source)
        span = Span(
            document.offset_at_position(parameters.range.start),
            document.offset_at_position(parameters.range.end),
        )
        return [
            types.CodeAction(
                title=one.title,
                kind=types.CodeActionKind.QuickFix,
                is_preferred=one.is_best,
                diagnostics=[
                    _diagnostic(
                        document, file.place(one.finding.field, one.finding.span), one.finding
                    )
                ],
                edit=types.WorkspaceEdit(changes={document.uri: _edits(document, one.changes)}),
            )
            for one in self._editor(document).actions(file, span)
        ]

    def format(self, parameters: types.DocumentFormattingParams) -> list[types.TextEdit]:
        document = self._document(parameters.text_document.uri)
        changes = self._editor(document).formatted(read_prompt_file(document.source))
        return _edits(document, changes)

    def _check(self, uri: str) -> None:
        """Send the findings of a document."""
        document = self._document(uri)
        found: tuple[tuple[Span, Diagnostic], ...] = ()
        try:
            found = self._editor(document).findings(read_prompt_file(document.source))
        except InputError as error:  # the project's irodori.toml is wrong
            self._server.window_show_message(
                types.ShowMessageParams(type=types.MessageType.Error, message=str(error))
            )
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=uri,
                version=document.version,
                diagnostics=[_diagnostic(document, place, one) for place, one in found],
            )
        )

    def _document(self, uri: str) -> TextDocument:
        return self._server.workspace.get_text_document(uri)

    def _asked(
        self, parameters: types.HoverParams | types.CompletionParams
    ) -> tuple[TextDocument, PromptFile, int]:
        document = self._document(parameters.text_document.uri)
        offset = document.offset_at_position(parameters.position)
        return document, read_prompt_file(document.source), offset

    def _editor(self, document: TextDocument) -> Editor:
        """Return the editor for a file's folder; the project's settings are read once."""
        path = to_fs_path(document.uri)
        folder = Path(path).parent if path else Path()
        if folder not in self._editors:
            linter = open_linter(self._config, folder, profile=self._profile)
            self._editors[folder] = Editor(linter)
        return self._editors[folder]


def _diagnostic(document: TextDocument, place: Span, found: Diagnostic) -> types.Diagnostic:
    said = [found.message, found.evidence, found.help]
    return types.Diagnostic(
        range=_range(document, place),
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source=SOURCE,
        message="\n".join(text for text in said if text),
    )


def _edits(document: TextDocument, changes: Sequence[Change]) -> list[types.TextEdit]:
    return [types.TextEdit(range=_range(document, span), new_text=text) for span, text in changes]


def _range(document: TextDocument, span: Span) -> types.Range:
    return types.Range(start=_position(document, span.start), end=_position(document, span.end))


def _position(document: TextDocument, offset: int) -> types.Position:
    """Return a place as line and column, in the client's units."""
    line, column = line_and_column(document.source, offset)
    at = types.Position(line=line - 1, character=column - 1)
    return document.position_codec.position_to_client_units(document.lines, at)
