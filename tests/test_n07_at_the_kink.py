"""The exercises of 07_at_the_kink: what their records take for true is computed here, from the notebook's own cells."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

import acts
import acts_exercises
from acts.data import digits
from acts.network import MLP
from acts_exercises import n07_at_the_kink

ROOT = Path(__file__).resolve().parent.parent
CELLS = {c.id: c.source for c in nbformat.read(ROOT / "solutions" / "07_at_the_kink.ipynb", as_version=4).cells}


def defined_by(*ids):
    """Return the names that some cells of the notebook define."""
    names = {}
    for cell in ("imports", *ids):
        exec(CELLS[cell], names)
    return names


# ---- predictions ---------------------------------------------------------------------------------


def test_the_slopes_of_the_five_programs():
    names = defined_by("ways-pair", "ways-functions", "ways-programs")
    for name, program in names["programs"].items():
        at = {place: program(names["Pair"](place, 1.0)) for place in (-2.0, -1e-300, 0.0, 1e-300, 0.75)}
        assert at[0.0].slope == pytest.approx(n07_at_the_kink.SLOPES_OF_X[name]), name
        for place, pair in at.items():
            assert pair.value == pytest.approx(place, abs=1e-15), "each is x"
            assert place == 0 or pair.slope == pytest.approx(1)
    assert set(names["programs"]) == set(n07_at_the_kink.SLOPES_OF_X)


@pytest.mark.parametrize("width", [2, 3, 4])
def test_what_is_off_stays_off(width):
    images = digits().images[:20]
    layers = MLP([64] + 10 * [width] + [10], "relu", "he", seeds=2000).forward(images).pre_activations[:10]
    off = [(z == 0).all(axis=-1).mean() for z in layers]
    assert off == [(z == 0).mean() for z in layers], "all z of a layer are 0, or none is"
    assert off == pytest.approx([1 - (1 - 0.5**width) ** before for before in range(10)], abs=0.025)
    judge = acts_exercises.find("off_is_off").judge
    if width == 3:
        assert judge(1 - (1 - 0.5**width) ** 9).startswith("right")
    else:
        with pytest.raises(acts_exercises.Wrong):
            judge(1 - (1 - 0.5**width) ** 9)


# ---- GELU ----------------------------------------------------------------------------------------


def test_where_the_slopes_of_gelu_leave_the_interval_of_relu():
    grid = np.linspace(-6, 6, 12_001)
    slope = acts.gelu_derivative(grid)
    assert acts.gelu_derivative(0.0) == 0.5
    assert grid[[slope.argmin(), slope.argmax()]] == pytest.approx([-np.sqrt(2), np.sqrt(2)], abs=1e-3)
    assert slope.min() < -0.12 and slope.max() > 1.12


# ---- the subgradient -----------------------------------------------------------------------------


def test_what_is_legal_is_what_the_course_accepts():
    for case in (*n07_at_the_kink.LEGAL, *n07_at_the_kink.ILLEGAL):
        try:
            acts.leaky_relu_derivative(0.0, *case)
            accepted = True
        except ValueError:
            accepted = False
        assert accepted == (case in n07_at_the_kink.LEGAL) == n07_at_the_kink._legal(*case), case


def test_a_rule_is_known_by_what_it_accepts():
    mistakes = acts_exercises.find("subgradient").judge.mistakes()
    accepted = [frozenset(n07_at_the_kink._accepted(mistake)) for mistake, _ in mistakes]
    wrong = [cases for cases in accepted if cases != set(n07_at_the_kink.LEGAL)]
    assert len(set(wrong)) == len(wrong) == 10


# ---- the network that stands still ---------------------------------------------------------------


@pytest.fixture(scope="module")
def friend():
    return defined_by("frozen-friend", "frozen-gradients", "frozen-train", "frozen-repair")


def he_start(rng):
    return [rng.normal(0, np.sqrt(2 / a), (a, b)) for a, b in ((64, 16), (16, 16), (16, 3))]


CHANGES = {
    "nothing": {}, "slope α": {"slope": lambda z: np.where(z > 0, 1.0, 0.01)},
    "slope 1": {"slope": lambda z: np.where(z >= 0, 1.0, 0.01)}, "He": {"start": he_start}, "rate": {"rate": 500.0},
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_network_that_is_checked_is_the_one_of_the_notebook(friend, change):
    for seed in range(3):
        here = n07_at_the_kink.share_right(n07_at_the_kink.train(**n07_at_the_kink.FRIENDS | change, seed=seed))
        assert here == pytest.approx(friend["train"](**change, seed=seed))
        assert here >= 0.95 if set(change) & {"slope", "start"} else here < 0.4


def test_what_is_said_against_the_other_causes(friend):
    weights = friend["friends_start"](np.random.default_rng(0))
    zs, scores, gradients = friend["z_and_gradients"](weights, friend["friends_slope"])
    assert not any(gradient.any() for gradient in gradients), "exactly 0, so no rate helps"
    assert not zs[1].any() and not scores.any()
    assert not (zs[0] == 0).any() and (friend["friends_slope"](zs[0]) > 0).all()
    legal = CHANGES["slope 1"]["slope"]
    _, _, gradients = friend["z_and_gradients"](weights, legal)
    assert np.ptp(gradients[1], axis=1).max() > 1e-3, "though equal, the units part in the first step"
    grey = np.ptp(friend["z_and_gradients"]([weights[0], np.zeros((16, 16)), np.ones((16, 3))], legal)[2][1], axis=1)
    assert grey.max() < 1e-12, "with equal last weights they would not"


# ---- the measurement -----------------------------------------------------------------------------

STANDARDISED = digits(standardised=True)
GREY = np.round(16 * digits().images)


def zeros_in_float16(seeds, images=STANDARDISED.images, start="pytorch", keep=1):
    """Return the share of exact zeros and their number."""
    network = MLP([64, 64, 10], "relu", start, seeds=seeds, dtype=np.float16)
    network.biases = [keep * biases for biases in network.biases]
    z = network.forward(images).pre_activations[0]
    return {"float16": (z == 0).mean(), "counted": (z == 0).sum()}


def whole_numbers(draw, seeds):
    found = np.array([(GREY @ draw(np.random.default_rng(seed)) == 0).mean() for seed in seeds])
    return {"whole_numbers": found.mean(), "spread": found.std()}


NONE = {"float64": 0, "float32": 0, "float16_no_biases": 0}
SOUND = zeros_in_float16(range(40)) | whole_numbers(lambda rng: rng.integers(-1, 2, (64, 64)), range(10))


@pytest.mark.parametrize("begin", range(0, 200, 40))
def test_sound_designs_are_accepted(begin):
    judge = acts_exercises.find("exact_zeros").judge
    rare = zeros_in_float16(range(begin, begin + 40))
    for count in (5, 10):
        rng = range(begin, begin + count)
        ternary = whole_numbers(lambda rng: rng.choice([-1.0, 0.0, 1.0], (64, 64)), rng)
        assert judge(NONE | rare | ternary).startswith("well measured")


def test_few_images_and_many_networks_are_a_sound_design_too():
    _, test = STANDARDISED.split()
    report = NONE | SOUND | zeros_in_float16(range(1000, 1160), test.images)
    assert acts_exercises.find("exact_zeros").judge(report).startswith("well measured")


def test_without_biases_there_are_next_to_none():
    assert zeros_in_float16(range(40), keep=0)["float16"] <= 5e-7
    assert zeros_in_float16(range(40), start="he")["float16"] <= 5e-7


@pytest.mark.parametrize(
    ("report", "meant"),
    [
        (lambda: zeros_in_float16(40, images=digits().images), "raw pixels"),
        (lambda: zeros_in_float16(40, images=GREY), "raw grey levels"),
        (lambda: zeros_in_float16(8), "scatters by √n"),
        (lambda: zeros_in_float16(10, start="he"), "have the biases become 0?|no zero at all"),
        (lambda: whole_numbers(lambda rng: rng.choice([-1, 1], (64, 64)), range(10)), "too few"),
        (lambda: whole_numbers(lambda rng: rng.integers(-2, 3, (64, 64)), range(10)), "too few"),
        (lambda: whole_numbers(lambda rng: rng.choice([-1, 0, 0, 0, 1], (64, 64)), range(10)), "somewhat too many"),
        (lambda: whole_numbers(lambda rng: rng.integers(-1, 2, (64, 64)), range(1)), "no spread"),
        (lambda: whole_numbers(lambda rng: rng.normal(size=(64, 64)), range(5)), "both whole numbers"),
    ],
    ids=["raw", "grey", "few", "he", "signs", "to-2", "sparse", "one-matrix", "real"],
)
def test_other_designs_are_not(report, meant):
    with pytest.raises(acts_exercises.Wrong) as wrong:
        acts_exercises.find("exact_zeros").judge(NONE | SOUND | report())
    assert any(text in wrong.value.details[0] for text in meant.split("|")), wrong.value.details
