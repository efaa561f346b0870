#!/usr/bin/env bash
# The promise to a student, kept on a fresh clone in an empty folder with no environment active.
#
#   bash tests/fresh_clone.sh        `make lab` serves the first notebook and its kernel becomes idle
#   bash tests/fresh_clone.sh full   also `make test`, and a second one that installs nothing
#
# It clones HEAD: what is not committed is not tested.
set -euo pipefail
mode=${1:-lab}
case $mode in lab | full) ;; *) echo "usage: fresh_clone.sh [lab|full], got '$mode'" >&2; exit 2 ;; esac

# Seconds that installing may take, and the server to answer.
patience=1200

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=$(mktemp -d)
clone="$work/a fresh clone" # with spaces, as folders of students have
server=
passed=0

clean_up() {
    status=$?
    if [ -n "$server" ]; then
        kill -- "-$server" 2>/dev/null || true
        wait "$server" || true # it writes into the folder until its end
    fi
    if [ "$status" -ne 0 ]; then
        [ -f "$work/lab.log" ] && tail -n 40 "$work/lab.log" >&2
        echo "fresh_clone: $passed passed, 1 failed"
    fi
    rm -rf "$work"
}
trap clean_up EXIT

# Nothing of the caller's environment but the way to a Python, and what pip needs to reach its packages.
path=
IFS=: read -ra folders <<<"$PATH"
for folder in "${folders[@]}"; do
    [ -f "$folder/../pyvenv.cfg" ] || path=${path:+$path:}$folder
done
clean=(env -i "HOME=$HOME" "PATH=$path" LANG=C.UTF-8 "TMPDIR=${TMPDIR:-/tmp}"
    "JUPYTER_CONFIG_DIR=$work/jupyter" "JUPYTER_DATA_DIR=$work/jupyter" "JUPYTER_RUNTIME_DIR=$work/jupyter" "IPYTHONDIR=$work/ipython")
while IFS='=' read -r -d '' name value; do
    case $name in PIP_* | http_proxy | https_proxy | no_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY | SSL_CERT_*) clean+=("$name=$value") ;; esac
done < <(env -0)

step() { # step NAME COMMAND…: run it, say how long it took
    local name=$1 started=$SECONDS
    shift
    "$@"
    passed=$((passed + 1))
    echo "✓ $name: $((SECONDS - started)) s"
}

start_lab() { # in the background, in a process group of its own
    set -m
    "${clean[@]}" make lab LAB_ARGS="--no-browser --port=$port --ServerApp.port_retries=0 --IdentityProvider.token=$token" \
        </dev/null >"$work/lab.log" 2>&1 &
    server=$!
    set +m
    local deadline=$((SECONDS + patience))
    until grep -q "is running at" "$work/lab.log"; do
        kill -0 "$server" 2>/dev/null || { echo "make lab ended before it served anything:" >&2; return 1; }
        [ "$SECONDS" -lt "$deadline" ] || { echo "make lab served nothing within $patience s:" >&2; return 1; }
        sleep 1
    done
}

ask() { "${clean[@]}" .venv/bin/python - "$1" "http://127.0.0.1:$port" "$token" "$notebook" <<'PYTHON'
"""Talk to the server as its page does: open a notebook, run a cell in its kernel, or shut the server down."""
import json
import sys
from urllib.request import Request, urlopen

from websocket import create_connection

what, server, token, notebook = sys.argv[1:]


def call(path, body=None, method=None):
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(server + path, data, headers, method=method), timeout=60) as answer:
        assert answer.status in (200, 201), f"{path}: HTTP {answer.status}, expected 200 or 201"
        return answer.read().decode()


if what == "page":
    assert "jupyter-config-data" in call(f"/lab/tree/{notebook}"), "the page is not JupyterLab"
    if notebook:
        assert json.loads(call(f"/api/contents/{notebook}"))["type"] == "notebook"
elif what == "kernel":
    wanted = {"path": notebook or "none.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    kernel = json.loads(call("/api/sessions", wanted))["kernel"]
    # As the page does, through the server: it holds a request back until it hears all that the kernel says.
    # A client that speaks to the kernel's own ports can miss the answer, and wait for it without end.
    channels = f"{server.replace('http', 'ws')}/api/kernels/{kernel['id']}/channels"
    page = create_connection(channels, header=[f"Authorization: token {token}"], timeout=120)
    code = {"code": "import acts; assert acts.sigmoid(0.0) == 0.5", "silent": False, "allow_stdin": False}
    header = {"msg_id": "first-cell", "msg_type": "execute_request", "session": "", "username": "", "version": "5.3"}
    page.send(json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": code}))
    said = {}
    while not {"reply", "idle"} <= said.keys():
        message = json.loads(page.recv())
        if message["parent_header"].get("msg_id") == "first-cell":
            content = message["content"]
            said["reply" if message["msg_type"] == "execute_reply" else content.get("execution_state")] = content
    page.close()
    assert said["reply"]["status"] == "ok", f"acts does not work in the kernel: {said['reply']}"
elif what == "stop":
    call("/api/shutdown", {}, "POST")
PYTHON
}

stop_lab() {
    ask stop
    wait "$server"
    server=
}

installs_nothing() { # the stamps are up to date, and nothing that `make test` would run calls pip
    "${clean[@]}" make --question .venv/.test
    ! "${clean[@]}" make --dry-run test | grep "pip install"
}

uncommitted=$(git -C "$root" status --porcelain | wc -l)
[ "$uncommitted" -eq 0 ] || echo "note: $uncommitted changed files are not committed, so not in the clone"
git clone --quiet --no-hardlinks "$root" "$clone"
cd "$clone"
notebook=$(find notebooks -maxdepth 1 -name '*.ipynb' 2>/dev/null | LC_ALL=C sort | head -n 1)
token=fresh-clone
port=$("${clean[@]}" python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

step "make lab: installs and serves" start_lab
step "${notebook:-JupyterLab}: HTTP 200" ask page
step "its kernel is idle" ask kernel
step "the server stops when asked" stop_lab
step "make lab again: serves" start_lab
step "and stops" stop_lab
if [ "$mode" = full ]; then
    step "make test" "${clean[@]}" CI="${CI:-}" make test
    step "a second make test installs nothing" installs_nothing
    step "a second make test passes" "${clean[@]}" CI="${CI:-}" make test
fi
echo "fresh_clone: $passed passed, 0 failed"
