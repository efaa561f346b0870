"""Names: which of a module are public, and what to say about one that nobody knows."""

import difflib
import inspect


def unknown(kind, name, known):
    """Return the message for a name that is none of the known ones, with the nearest of them.

    Examples
    --------
    >>> unknown("activation", "relo", ["relu", "tanh"])
    "unknown activation 'relo'. Did you mean 'relu'? Expected one of relu, tanh."
    """
    close = difflib.get_close_matches(str(name), known, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return f"unknown {kind} {name!r}.{guess} Expected one of {', '.join(known)}."


def public(names):
    """Return the names of the functions that a module defines itself, in its order; `names` are its globals().

    Examples
    --------
    >>> public(globals())
    ['unknown', 'public']
    """
    own = names["__name__"]
    functions = [value for value in names.values() if inspect.isfunction(value) and value.__module__ == own]
    return [function.__name__ for function in functions if not function.__name__.startswith("_")]
