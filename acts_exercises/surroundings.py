"""Settings that a whole process shares: a student's own must change no verdict, and no check may change them."""

import contextlib
import decimal
import random
import sys
import warnings

import numpy as np

__all__ = ["as_in_a_fresh_kernel"]

PRINTED = {
    "precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75, "suppress": False, "nanstr": "nan",
    "infstr": "inf", "sign": "-", "floatmode": "maxprec", "legacy": False, "formatter": None,
}  # fmt: skip
TRAPS = [decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow]
DECIMAL = decimal.Context(28, decimal.ROUND_HALF_EVEN, -999999, 999999, capitals=1, clamp=0, flags=[], traps=TRAPS)


@contextlib.contextmanager
def as_in_a_fresh_kernel():
    """Work with the settings that Python and its libraries start with; those from before come back afterwards.

    They are NumPy's errors and printing, warnings, the two random generators that everybody shares, and the precisions
    of decimal, mpmath and SymPy.
    """
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        enter(np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"))
        enter(np.printoptions(**PRINTED))
        enter(warnings.catch_warnings())
        warnings.resetwarnings()  # whatever a student's function warns of is shown, once
        enter(decimal.localcontext(DECIMAL))
        stack.callback(random.setstate, random.getstate())
        random.seed(0)
        stack.callback(np.random.set_state, np.random.get_state(legacy=False))
        with contextlib.suppress(TypeError):  # somebody has put in a generator that has no such seed
            np.random.seed(0)
        if mpmath := sys.modules.get("mpmath"):
            enter(mpmath.workprec(53))
        if sympy := sys.modules.get("sympy"):
            enter(sympy.evaluate(True))
        yield
