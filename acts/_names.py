"""What to say about a name that nobody knows."""

import difflib


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
