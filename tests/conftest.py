"""What all tests share."""

import os

# As in the Makefile, for those who call pytest themselves. It counts only before NumPy is imported; kernels inherit it.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import matplotlib  # noqa: E402

# Figures are drawn into memory, never into a window. Not by the variable MPLBACKEND: kernels would inherit it.
matplotlib.use("agg")
