"""What a student sees: `check` says what is right and what isn't, `hint` helps on, `progress` says what is done.

    from acts.feedback import check, hint, progress

    check("sigmoid", sigmoid)     # ✓, or which input, what was expected, what came, how far off
    hint("sigmoid")               # the next of at least three hints
    hint("sigmoid", 2)            # hint 2
    progress()                    # a table of the exercises

With the environment variable ACTS_STRICT=1 a check that isn't ✓ raises `CheckFailed` with the same message: for
graders and for the course's own tests. Under nbgrader it always raises: nbgrader takes a cell without error for right.
"""

# Only a door: `import acts` does not pass through it, so it stays as light as it is.
from acts_exercises import CheckFailed, check, hint, progress

__all__ = ["CheckFailed", "check", "hint", "progress"]
