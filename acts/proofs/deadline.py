"""A time limit for work that may never come back, on every system and in every thread.

An alarm signal would need the main thread of a Unix. A watcher needs neither: it has Python raise an exception in the
thread that works. Where no thread can be started, as in a browser, a trace function looks at the clock instead.
"""

import ctypes
import sys
import threading
import time

from mpmath import mp
from sympy.core.cache import clear_cache
from sympy.core.parameters import global_parameters


class OutOfTime(Exception):
    """The work was given up."""


class _Stop(BaseException):
    """Raised inside the work. No Exception: SymPy, which catches many of those, must let it pass."""


def within(seconds, work, *args):
    """Return `work(*args)`, or raise `OutOfTime` once it has used so many seconds of processor time. Not to be nested.

    Processor time, so that a proof does not depend on what else the machine is doing.
    """
    precision, evaluating = mp.prec, global_parameters.evaluate
    over, thread = threading.Lock(), threading.get_ident()
    over.acquire()

    def watch():
        end, wait = time.process_time() + seconds, seconds
        while not over.acquire(timeout=wait):
            if time.process_time() >= end:
                _raise_in(thread, _Stop)  # again and again: one that strikes in a destructor is lost
            wait = max(0.1, end - time.process_time())

    watcher = threading.Thread(target=watch, daemon=True)
    try:
        try:
            watcher.start()
        except RuntimeError:
            return _traced(time.process_time() + seconds, work, args)
        try:
            return work(*args)
        finally:
            _end(watcher, over)
    except _Stop:
        # The work may have been struck where it had just changed a setting, or noted a fact by halves.
        mp.prec, global_parameters.evaluate = precision, evaluating
        clear_cache()
        raise OutOfTime(f"given up after {seconds} s") from None


def _raise_in(thread, exception):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(exception))


def _end(watcher, over):
    """Let the watcher end, and take back what it may have thrown too late."""
    struck = False
    while True:
        try:
            if over.locked():
                over.release()
            watcher.join()
            time.sleep(0)  # what is still on its way strikes here; to clear it by NULL slows Python 3.11 for good
            break
        except _Stop:
            struck = True
    if struck:
        raise _Stop


def _traced(end, work, args):
    def look(*_):
        if time.process_time() >= end:
            raise _Stop

    before = sys.gettrace()
    sys.settrace(look)
    try:
        return work(*args)
    finally:
        sys.settrace(before)
