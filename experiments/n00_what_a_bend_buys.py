"""What does an activation buy on data that nobody made for the question? Claim P1, page 00."""

from experiments.declared import Experiment

CONTENDERS = {
    "no activation": {"activation": None, "initialisation": "xavier"},
    "ReLU, He": {"activation": "relu", "initialisation": "he"},
    "tanh, Xavier": {"activation": "tanh", "initialisation": "xavier"},
}
BOTH = ("digits", "mnist1d")
WHERE = ((BOTH, (64,), (1,), ("SGD", "momentum", "Adam")), (BOTH, (128,), (1,), ("Adam",)))

WHAT_A_BEND_BUYS = Experiment(
    "n00_what_a_bend_buys", "How many points of accuracy does a network lose without an activation?", CONTENDERS, WHERE,
    splits=5,
)  # fmt: skip
