"""The course's recorded experiments: one module for each question, and in `records/` what came out.

make experiments              run what is missing or stale, on all cores; when stopped, it goes on from there
make experiments ONLY=n00     the questions of one page
make experiments DASK=tcp://… the same work on a Dask cluster
"""
