"""What an operator types. Every command imports what it needs when it runs, so that help is quick.

Exit status: 0 done, 1 failed, 2 wrong usage or configuration. An error is one line with the fix.
"""

from recommender.cli.program import main

__all__ = ["main"]
