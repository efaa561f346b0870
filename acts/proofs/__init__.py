"""Proofs that cannot lie: `Derivation`, and what it stands on.

    derivation    the lines of a proof, each checked when it is written, and how they are shown
    written       a line as its author wrote it, read without evaluating it
    checking      is one line equal to the next? The hunt for a counter-example, then the proof
    precise       values of expressions to any number of digits, each with a bound on its own error
    witness       the second witness: limits, integrals, derivatives and sums by numbers, without SymPy's answers
    deadline      a time limit, for SymPy does not always come back

Students have these names from `acts.symbolic`, beside the formulas.
"""

from acts.proofs.derivation import Derivation, Step, StepError
from acts.proofs.precise import evaluate

__all__ = ["Derivation", "Step", "StepError", "evaluate"]
