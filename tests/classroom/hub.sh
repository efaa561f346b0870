#!/usr/bin/env bash
# Walk docs/for-teachers.md's "On a JupyterHub" on a machine that is thrown away afterwards: tests/classroom/test_hub.py.
#
#   bash tests/classroom/hub.sh [arguments for pytest]
#
# It needs root, Linux, npm, Chromium and the network. Accounts, /etc, /opt, /home, /srv and /usr/local/share are copies or
# empty, in a mount namespace of its own: nothing of this machine is changed. ACTS_HUB_ROOT=/a/folder keeps them there,
# and a second run installs nothing. It clones HEAD: what is not committed is not tested.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export PYTHON=${PYTHON:-$root/.venv/bin/python}

if [ "${ACTS_HUB:-}" != inside ]; then
    [ "$(id -u)" -eq 0 ] || { echo "hub.sh makes accounts and mounts: run it as root" >&2; exit 2; }
    place=${ACTS_HUB_ROOT:-$(mktemp -d)}
    [ -n "${ACTS_HUB_ROOT:-}" ] || trap 'rm -rf "$place"' EXIT
    # A process namespace too: when the test ends, however it ends, hub, proxy and all servers end with it.
    ACTS_HUB=inside ACTS_HUB_ROOT=$place unshare --mount --pid --fork --mount-proc --kill-child \
        bash "${BASH_SOURCE[0]}" "$@"
    exit
fi

place=$ACTS_HUB_ROOT
mkdir -p "$place/opt" && rm -rf "$place"/{etc,home,srv,usr} && cp -a /etc "$place/etc"
for folder in opt home srv usr/local/share etc; do
    mkdir -p "$place/$folder"
    mount --bind "$place/$folder" "/$folder"
done
cd "$root"
"$PYTHON" -m pytest -p no:cacheprovider tests/classroom/test_hub.py "$@"
