"""The course's sliders: move one, and the picture and its words follow.

An explorer keeps one figure for its whole life. A move changes what is drawn, not the figure: the still parts are
drawn once, the moving ones on top of them (blitting), and the result replaces the bytes of one image widget. Where no
kernel runs (GitHub, nbviewer, a printed page) the explorer shows its picture and says it in words.
"""

from acts.explorers.base import Explorer
from acts.explorers.curves import CurveExplorer, GradientPathExplorer
from acts.explorers.n00_why_activations import BoundaryExplorer, HingeExplorer, WidthExplorer
from acts.explorers.n01_sigmoid import SaturationExplorer
from acts.explorers.n02_tanh import GateExplorer, GradientRaceExplorer, LostDigitsExplorer, StretchShiftExplorer
from acts.explorers.n03_relu import CliffExplorer, SingularValuesExplorer
from acts.explorers.n04_relu_in_training import DeadUnitsExplorer, OffsetExplorer
from acts.explorers.n05_leaky_prelu_rrelu import AlphaLossExplorer, LeakySlopeExplorer, RandomSlopesExplorer
from acts.explorers.n06_softmax import ConfidentRowExplorer, JacobianExplorer, SimplexExplorer
from acts.explorers.n07_at_the_kink import ExactZerosExplorer, FanExplorer, SmoothingExplorer
from acts.explorers.n08_why_deep_networks_were_hard import LayerRatesExplorer, SignalExplorer
from acts.explorers.n09_after_relu import (
    GateUnitExplorer,
    GeluByHandExplorer,
    LostTailExplorer,
    RelativesExplorer,
    SizeMapExplorer,
)

__all__ = [
    "AlphaLossExplorer", "BoundaryExplorer", "CliffExplorer", "ConfidentRowExplorer", "CurveExplorer",
    "DeadUnitsExplorer", "ExactZerosExplorer", "Explorer", "FanExplorer", "GateExplorer", "GateUnitExplorer",
    "GeluByHandExplorer", "GradientPathExplorer", "GradientRaceExplorer", "HingeExplorer", "JacobianExplorer",
    "LayerRatesExplorer", "LeakySlopeExplorer", "LostDigitsExplorer", "LostTailExplorer", "OffsetExplorer",
    "RandomSlopesExplorer", "RelativesExplorer", "SaturationExplorer", "SignalExplorer", "SimplexExplorer",
    "SingularValuesExplorer", "SizeMapExplorer", "SmoothingExplorer", "StretchShiftExplorer", "WidthExplorer",
]  # fmt: skip
