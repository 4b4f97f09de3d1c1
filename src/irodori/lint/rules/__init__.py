"""The rules, one family a package, one rule a file.

A family exports `RULES`, the classes. A rule's docstring is its page (`irodori.lint.page`).
"""
