"""`python -m irodori` is `irodori`."""

from irodori.cli.main import main

if __name__ == "__main__":
    main()
