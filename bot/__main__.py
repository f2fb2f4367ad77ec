"""The command line: `bigconversation`."""

from __future__ import annotations

from bot.commands import run


def main() -> None:
    """Runs the command named on the command line."""
    run()


if __name__ == "__main__":
    main()
