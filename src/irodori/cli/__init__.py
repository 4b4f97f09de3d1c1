"""The command line: thin shells over `app`. Every command imports what it needs when it runs."""
