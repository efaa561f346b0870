"""The course's sliders: move one, and the picture and its words follow.

An explorer keeps one figure for its whole life. A move changes what is drawn, not the figure: the still parts are
drawn once, the moving ones on top of them (blitting), and the result replaces the bytes of one image widget. Where no
kernel runs (GitHub, nbviewer, a printed page) the explorer shows its picture and says it in words.
"""

from acts.explorers.after import (
    GateUnitExplorer,
    GeluByHandExplorer,
    LostTailExplorer,
    RelativesExplorer,
    SizeMapExplorer,
)
from acts.explorers.base import Explorer
from acts.explorers.curves import CurveExplorer, SaturationExplorer
from acts.explorers.depth import LayerRatesExplorer, SignalExplorer
from acts.explorers.hyperbolic import GradientRaceExplorer, LostDigitsExplorer, StretchShiftExplorer
from acts.explorers.kink import ExactZerosExplorer, FanExplorer, SmoothingExplorer
from acts.explorers.leaky import AlphaLossExplorer, LeakySlopeExplorer, RandomSlopesExplorer
from acts.explorers.networks import GradientPathExplorer
from acts.explorers.products import CliffExplorer, SingularValuesExplorer
from acts.explorers.simplex import ConfidentRowExplorer, JacobianExplorer, SimplexExplorer
from acts.explorers.units import DeadUnitsExplorer, OffsetExplorer
from acts.explorers.why import BoundaryExplorer, GateExplorer, HingeExplorer, WidthExplorer

__all__ = [
    "AlphaLossExplorer", "BoundaryExplorer", "CliffExplorer", "ConfidentRowExplorer", "CurveExplorer",
    "DeadUnitsExplorer", "ExactZerosExplorer", "Explorer", "FanExplorer", "GateExplorer", "GateUnitExplorer",
    "GeluByHandExplorer", "GradientPathExplorer", "GradientRaceExplorer", "HingeExplorer", "JacobianExplorer",
    "LayerRatesExplorer", "LeakySlopeExplorer", "LostDigitsExplorer", "LostTailExplorer", "OffsetExplorer",
    "RandomSlopesExplorer", "RelativesExplorer", "SaturationExplorer", "SignalExplorer", "SimplexExplorer",
    "SingularValuesExplorer", "SizeMapExplorer", "SmoothingExplorer", "StretchShiftExplorer", "WidthExplorer",
]  # fmt: skip
