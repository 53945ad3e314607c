"""`python -m chuding` is the command line."""

from chuding.cli import main

if __name__ == "__main__":
    main(prog_name="chuding")
