# Two commands matter: `make lab` opens the course, `make test` runs every check. `make help` lists the rest.
# All paths are relative, so the name of the folder above may hold spaces.

VENV := .venv
PY   := $(VENV)/bin/python
# Where to look for Python when you do not say `make PYTHON=/path/to/python3.12`.
PYTHON ?=
# More arguments for JupyterLab, for instance LAB_ARGS="--no-browser --port=9000".
LAB_ARGS ?=

# No page of the course reaches the network: no extension catalogue, and by tools/lab_overrides.json no news.
LAB_OPTIONS := --LabApp.extension_manager=readonly
# Jupyter refuses to start as root unless told; containers often are root.
LAB_OPTIONS += $(if $(filter 0,$(shell id -u)),--allow-root)

# The page to open. A file name as an argument would make notebooks/ the root, with exercises/ out of sight.
FIRST_NOTEBOOK := $(firstword $(sort $(wildcard notebooks/*.ipynb)))
LAB_OPTIONS    += --ServerApp.root_dir=. $(FIRST_NOTEBOOK:%=--LabApp.default_url=/lab/tree/%)
# A worker takes one file after the other, in the order of tests/conftest.py; a notebook, and what the tests of a file
# share, stay whole. `make test PARALLEL=` runs all in one process.
PARALLEL       := -n auto --dist loadfile --no-loadscope-reorder
# Which of the slow tests: .ci/run chooses.
SLOW           ?=
EXTENSIONS     := $(VENV)/share/jupyter/labextensions
# What holds for every JupyterLab of this environment, also for one that is started by hand.
SETTINGS       := $(VENV)/share/jupyter/lab/settings/overrides.d
# Which notebooks `make site-check` runs, for instance SITE_CHECK="notebooks/06_softmax.ipynb exercises/01_sigmoid.ipynb".
SITE_CHECK     ?=
# Strict: every output on disk must come out again.
NBVAL          := --nbval --nbval-current-env $(sort $(wildcard notebooks/*.ipynb solutions/*.ipynb))

# The course's matrices are small: on them a second thread costs time, and a good deal of it on a busy machine. One
# thread also adds in the same order everywhere.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1

# Packages of another environment must not shine through into ours.
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help lab update test test-slow test-site test-classroom test-hub test-clone html site site-check release notebooks exercises messages experiments bench check-exercises lint clean FORCE

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

lab: $(VENV)/.lab  ## open the course in JupyterLab (installs it the first time)
	$(PY) -m jupyterlab $(LAB_OPTIONS) $(LAB_ARGS)

# Needs no environment: an update must come in where the old one cannot be installed.
update:  ## bring in the newest version of the course; your work stays
	@$(find_python); "$$python" tools/update.py

# The tests come last: if there is no browser, their last line says what was left out.
test: $(VENV)/.test  ## run every check: style, all notebooks, tests, sliders in a browser (none: ACTS_BROWSER=none)
	$(PY) tests/get_browser.py
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pytest $(PARALLEL) $(NBVAL) tests acts acts_exercises

test-slow: $(VENV)/.test  ## what `make test` leaves to CI: CONTRIBUTING.md walked, "Run all" in a browser
	$(PY) -m pytest $(PARALLEL) -m slow $(SLOW)

test-classroom: $(VENV)/.classroom  ## grade a class of thirty with nbgrader: right, wrong, blank, hostile
	$(PY) -m pytest $(PARALLEL) tests/classroom

test-hub: $(VENV)/.classroom  ## walk the teachers' page on a real JupyterHub that is thrown away (root, Linux, npm, network)
	bash tests/classroom/hub.sh -x

test-clone:  ## is what is committed enough? `make lab` in a fresh clone, in an empty folder
	bash tests/fresh_clone.sh lab

release: $(VENV)/.classroom  ## for teachers: make the nbgrader course folder build/classroom
	$(PY) -m classroom release

test-site: $(VENV)/.site  ## build the static pages and the site, and read them in Chromium: links, formulas, axe
	$(PY) -m pytest $(PARALLEL) -m site tests/test_pages.py tests/test_site.py

html: $(VENV)/.html  ## the course as static pages: build/html/index.html
	$(PY) tools/pages.py

site: $(VENV)/.site  ## the pages, and beside them JupyterLite, for GitHub Pages: build/site
	$(PY) tools/lite.py

site-check: site  ## run notebook 01 in build/site's JupyterLite; needs the network (others: SITE_CHECK="notebooks/...")
	$(PY) tests/jupyterlite.py $(SITE_CHECK)

notebooks: $(VENV)/.test  ## execute all notebooks and solutions again, save their outputs, and what README says of them
	$(PY) tools/exercises.py --facts
	$(PY) tools/notebooks.py
	$(PY) tools/readme.py

exercises: $(VENV)/.test  ## make exercises/ from solutions/ again
	$(PY) tools/exercises.py

messages: $(VENV)/.test  ## write what the exercises say to every answer that is tried: build/messages.txt
	$(PY) tools/messages.py

experiments: $(VENV)/.experiments  ## run the recorded experiments that are missing or stale; stop it at any moment (ONLY=n00)
	$(PY) -m experiments $(if $(ONLY),--only $(ONLY)) $(if $(DASK),--dask $(DASK))

bench: $(VENV)/.bench  ## measure: accuracy, speed, memory, sliders; into tests/benchmarks/results.md (minutes, wants a quiet machine)
	$(PY) tests/benchmarks/bench_explorers.py --save build/explorers.json
	$(PY) tests/benchmarks/bench_numerics.py --explorers build/explorers.json

check-exercises: $(VENV)/.test  ## are exercises/ what solutions/ says they are?
	$(PY) tools/exercises.py --check

lint: $(VENV)/.test  ## style only
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

clean:  ## remove the environment and the caches; notebooks and build/classroom stay as they are
	rm -rf $(VENV) $(filter-out build/classroom,$(wildcard build/*)) acts.egg-info .pytest_cache .ruff_cache .hypothesis
	find acts acts_exercises classroom tests tools notebooks solutions exercises -type d \
		\( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} + 2>/dev/null || true

# --- the environment: each stamp is younger than the files it was made from, so a second call installs nothing ---

$(VENV)/.test: $(VENV)/.lab
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[test]" -c constraints.txt
	@touch $@

$(VENV)/.html: $(VENV)/.lab
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[html]" -c constraints.txt
	@touch $@

# JupyterLite's half of its kernel must not stay where JupyterLab looks for extensions: JupyterLab would load it, and
# print an error to the console of each page. The wheels are not installed: the browser's Python installs them.
$(VENV)/.site: $(VENV)/.html $(VENV)/.test
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[site]" -c constraints.txt
	if [ -d $(EXTENSIONS)/@jupyterlite ]; then rm -rf $(VENV)/lite; mkdir $(VENV)/lite; \
		mv $(EXTENSIONS)/@jupyterlite $(VENV)/lite; fi
	rm -rf $(VENV)/wheels
	$(PY) -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest $(VENV)/wheels \
		-c constraints.txt comm ipywidgets jupyterlab-widgets
	@touch $@

# SciPy, to measure against. PyTorch and JAX join in if you install them into .venv yourself.
$(VENV)/.bench: $(VENV)/.test
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[bench]" -c constraints.txt
	@touch $@

# What runs experiments, on this machine or on a Dask cluster.
$(VENV)/.experiments: $(VENV)/.test
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[experiments]" -c constraints.txt
	@touch $@

# nbgrader, for teachers: docs/for-teachers.md.
$(VENV)/.classroom: $(VENV)/.test
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[classroom]" -c constraints.txt
	@touch $@

$(VENV)/.lab: $(VENV)/.made requirements.txt constraints.txt pyproject.toml tools/lab_overrides.json
	@echo "Installing the course into $(VENV): once, a minute or two."
	$(PY) -m pip install --disable-pip-version-check -r requirements.txt -c constraints.txt
	@mkdir -p $(SETTINGS) && cp tools/lab_overrides.json $(SETTINGS)/acts.json
	@touch $@

# Also made anew when its Python is gone, or when the folder was moved (acts is installed by its path).
here := $(shell cat $(VENV)/.made 2>/dev/null)
ifneq ($(here),$(CURDIR))
$(VENV)/.made: FORCE
endif
ifeq ($(wildcard $(PY)),)
$(VENV)/.made: FORCE
endif
$(VENV)/.made:
	@$(find_python); \
	"$$python" -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$$python can't make environments: its venv or ensurepip module is missing." >&2; \
		echo "On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }; \
	echo "Making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --prompt acts $(VENV)
	@pwd -P > $@

# Leaves the first Python that will do in $python. 3.11 to 3.14 first: constraints.txt is known to install there.
define find_python
python=; seen=; \
for below in 15 99; do \
	for name in $(if $(PYTHON),"$(PYTHON)",python3 python3.14 python3.13 python3.12 python3.11 python); do \
		version=$$("$$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
		case "$$seen" in *"$$name is $$version;"*) ;; *) seen="$$seen $$name is $$version;" ;; esac; \
		minor=$${version#3.}; \
		if [ "$$minor" != "$$version" ] && [ "$$minor" -ge 11 ] && [ "$$minor" -lt $$below ]; then \
			python=$$name; break 2; fi; \
	done; \
done; \
if [ -z "$$python" ]; then \
	echo "The course needs Python 3.11 or newer. Found:$${seen:- no Python}" >&2; \
	echo "Install one, or name the one to use: make lab PYTHON=/path/to/python3" >&2; exit 1; \
fi
endef
