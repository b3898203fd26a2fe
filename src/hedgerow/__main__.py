"""python -m hedgerow: the command line, where its script is not on the path."""

from hedgerow.cli import main

if __name__ == "__main__":
    main()
