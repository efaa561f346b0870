"""A package, so that its modules may have the same names as those beside it."""
