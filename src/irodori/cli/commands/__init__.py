"""One command a file; `main.COMMANDS` names them."""
