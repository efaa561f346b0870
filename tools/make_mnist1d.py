"""Make acts/_data/mnist1d.npz with the package of MNIST-1D's authors (extra `experiments`).

    python tools/make_mnist1d.py            write the file
    python tools/make_mnist1d.py --check    exit with 1 if it differs from what would be written

The values are stored in steps of 1/20 as bytes: the rounding is a ninth of the white noise that was added.
"""

import sys
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[1] / "acts" / "_data" / "mnist1d.npz"
STEP = 1 / 20


def made():
    """Return the 5,000 signals (5000, 40) in steps of 1/20, as int8, and their labels, uint8."""
    from mnist1d.data import get_dataset_args, make_dataset

    made = make_dataset(get_dataset_args())
    signals = np.concatenate([made["x"], made["x_test"]])
    return np.round(signals / STEP).astype(np.int8), np.concatenate([made["y"], made["y_test"]]).astype(np.uint8)


def main():
    signals, labels = made()
    if "--check" in sys.argv:
        with np.load(FILE) as stored:
            same = np.array_equal(stored["signals"], signals) and np.array_equal(stored["labels"], labels)
        sys.exit(None if same else f"{FILE.name} differs from what the package makes")
    np.savez_compressed(FILE, signals=signals, labels=labels)


if __name__ == "__main__":
    main()
