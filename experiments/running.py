"""Run the jobs of experiments side by side, keep each result at once, and write a record when its jobs are all done."""

import gzip
import json
import os
import platform
import tempfile
import time
from datetime import date
from pathlib import Path

import joblib
import numpy as np
from tqdm import tqdm

from acts.records import FOLDER as RECORDS
from experiments.declared import code, fingerprint

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "build" / "experiments"  # a file for each job that is done


def write_whole(path, content):
    """Write a file so that at any moment it is there as a whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=KEPT, delete=False) as file:  # git ignores what a killed run leaves there
        file.write(content)
    os.chmod(file.name, 0o644)  # as git has it; a temporary file is its owner's alone
    os.replace(file.name, path)


def record_file(experiment):
    return RECORDS / f"{experiment.name}.json.gz"


def provenance(experiment):
    """Return what must not have changed since a record was made: the declaration, and the code it ran."""
    return {"declaration": fingerprint(experiment.declaration()), "code": code()}


def is_stale(experiment):
    """Return whether the record is missing, or was made of another declaration or by other code."""
    path = record_file(experiment)
    if not path.exists():
        return True
    stored = json.loads(gzip.decompress(path.read_bytes()))["provenance"]
    return any(stored[key] != value for key, value in provenance(experiment).items())


def finish(job):
    """Do a job; return it, its result, and the seconds that it took."""
    start = time.perf_counter()
    return job, job.result(), time.perf_counter() - start


def kept(job):
    return KEPT / f"{job.key}.json"


def run_all(experiments, workers=-1, dask=None):
    """Do every job that is not kept yet, on all cores or on a Dask cluster, and write each record that is complete."""
    jobs = [job for experiment in experiments for job in experiment.jobs()]
    missing = sorted((job for job in jobs if not kept(job).exists()), key=lambda job: -job.cost)
    total = sum(job.cost for job in jobs)
    done = total - sum(job.cost for job in missing)
    with backend(workers, dask), tqdm(total=round(total), initial=round(done), unit="", smoothing=0) as bar:
        parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1)
        for job, result, seconds in parallel(joblib.delayed(finish)(job) for job in missing):
            write_whole(kept(job), json.dumps({"seconds": seconds, "found": result}).encode())
            bar.set_postfix_str(f"{job.experiment.name}: {job.contender}")
            bar.update(round(job.cost))
    for experiment in experiments:
        write_record(experiment)


def backend(workers, dask):
    """Return the context in which joblib works: this machine's cores, or the Dask cluster at an address."""
    if not dask:
        return joblib.parallel_config(backend="loky", n_jobs=workers, inner_max_num_threads=1)
    from distributed import Client

    Client(dask)  # joblib's own backend takes the client that was made last
    return joblib.parallel_config(backend="dask")


def write_record(experiment):
    """Put the results of all jobs of an experiment together, in the order of its declaration."""
    results = [json.loads(kept(job).read_bytes()) for job in experiment.jobs()]
    order = list(experiment.contenders)
    found = sorted(
        (each for result in results for each in result["found"]),
        key=lambda each: (order.index(each["contender"]), each["setting"], each["budget"]),
    )
    record = {
        "name": experiment.name, "declaration": experiment.declaration(),
        "provenance": provenance(experiment) | machine() | {"seconds": round(sum(r["seconds"] for r in results))},
        "found": found,
    }  # fmt: skip
    content = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
    write_whole(record_file(experiment), gzip.compress(content, mtime=0))


def machine():
    """Return with what, on what and when a record was made."""
    return {
        "python": platform.python_version(), "numpy": np.__version__, "processor": platform.machine(),
        "date": date.today().isoformat(),
    }  # fmt: skip
