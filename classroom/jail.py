"""Start a kernel in a jail made by bubblewrap, from which it sees one submission and nothing else of this machine.

    python -m classroom jail             try the jail, and grade in it from now on
    python -m classroom jail --remove    take it away again

The kernel specification `acts-jail` calls this file, which builds bwrap's command from one table of mounts and becomes
bwrap. Nothing here imports more than Python's own library, as it runs once for each submission.
"""

import importlib.util
import json
import os
import shutil
import site
import subprocess
import sys
import tempfile
from pathlib import Path

NAME = "acts-jail"
# What a submission may import of the course; the rest of the repository stays outside.
PACKAGES = ("acts", "acts_exercises")
# What Python needs of the system. /etc holds names, addresses and sometimes passwords: this much of it, no more.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "timezone")
# Below the system, and yet a place for a course, an exchange or a server's settings.
HIDDEN = ("/usr/local/etc", "/usr/local/share", "/usr/local/src")
VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONHASHSEED", "PYTHONUTF8")
VARIABLES += ("ACTS_STRICT", "NBGRADER_EXECUTION", "NBGRADER_VALIDATING")
HOME, COURSE, SUBMITTED = "/home/student", "/run/acts/packages", "/run/acts/submitted"
MEGABYTES = 512  # for each folder that can be written to
TRY = "--try"
HIDE = "ACTS_JAIL_HIDES"  # the grader names here what lies elsewhere: its course folder, its exchange
LAUNCHER = (sys.executable, "-P", os.path.realpath(__file__))
# What is printed where bwrap is missing, or may not do its work.
INSTALL = "bubblewrap is not installed; on Debian and Ubuntu: apt-get install bubblewrap"
ALLOW = (
    "If it says that it has no permission: a jail is made of user namespaces, and this machine forbids them to you. "
    "Who is root can allow them: on Ubuntu by `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, on an older "
    "Debian by `sysctl kernel.unprivileged_userns_clone=1`. In a container they are often forbidden altogether"
)


# ---- the jail ------------------------------------------------------------------------------------


def command(inside, here, sockets=None):
    """Return bwrap's command that runs `inside`, a command, with the folder `here` as the submission."""
    table = mounts(here) | ({sockets: ("--bind", sockets)} if sockets else {})
    # Sorted, a folder comes before what lies in it: so Python may lie in a hidden home, a hidden course below /usr.
    mounted = [word for path, words in sorted(table.items()) for word in (*words, path)]
    # A private copy: a link laid over the notebook in the real folder would make nbgrader write through it.
    copied = ["sh", "-c", 'cp -R "$0/." . 2>/dev/null; exec "$@"', SUBMITTED]
    return [
        *("bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"),
        *("--die-with-parent", "--new-session", "--hostname", "jail", *mounted),
        *("--remount-ro", "/", "--remount-ro", "/dev", "--chdir", here, "--", *copied, *inside),
    ]


def mounts(here):
    """Return {path in the jail: bwrap's words for it}."""
    table = {path: ("--symlink", os.readlink(path)) if os.path.islink(path) else read_only(path) for path in SYSTEM}
    table |= {f"/etc/{name}": read_only(f"/etc/{name}") for name in ETC}
    hidden = [*HIDDEN, f"{sys.prefix}/etc", *filter(None, os.environ.get(HIDE, "").split(os.pathsep))]
    table |= {path: empty(1) for path in map(os.path.realpath, hidden) if os.path.isdir(path)}
    table |= {path: read_only(path) for path in python_folders()}
    table |= {f"{COURSE}/{name}": read_only(folder) for name in PACKAGES if (folder := package_folder(name))}
    table |= {"/proc": ("--proc",), "/dev": ("--dev",)}
    table |= {path: empty(MEGABYTES) for path in ("/dev/shm", "/tmp", HOME)}
    if fonts := font_list():  # to look for all fonts of a machine takes Matplotlib seconds
        table[f"{HOME}/.cache/matplotlib/{fonts.name}"] = read_only(str(fonts))
    return table | {SUBMITTED: ("--ro-bind", here), here: empty(MEGABYTES)}


def read_only(path):
    return "--ro-bind-try", path


def empty(megabytes):
    """Return the words for an empty folder of its own; what is written to it is memory."""
    return "--size", str(megabytes << 20), "--tmpfs"


def python_folders():
    """Return the folders of this Python: its environment, what that was made from, and the user's own packages."""
    folders = {sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))}
    if site.ENABLE_USER_SITE:
        folders.add(site.getusersitepackages())
    folders |= {os.path.realpath(folder) for folder in folders}
    return {folder for folder in folders if folder not in ("/", "/usr")}


def package_folder(name):
    found = importlib.util.find_spec(name)
    return next(iter(found.submodule_search_locations), None) if found and found.submodule_search_locations else None


def font_list():
    cache = os.environ.get("MPLCONFIGDIR") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "matplotlib")
    return max(Path(cache).expanduser().glob("fontlist-*.json"), key=lambda path: path.stat().st_mtime, default=None)


def environment():
    """Return the few variables that the kernel gets."""
    kept = {name: value for name, value in os.environ.items() if name in VARIABLES or name.endswith("_NUM_THREADS")}
    if site.ENABLE_USER_SITE:
        kept["PYTHONUSERBASE"] = site.getuserbase()
    return {"PATH": os.defpath} | kept | {"HOME": HOME, "USER": "student", "PYTHONPATH": COURSE}


def main(connection_file, *more):
    """Become the kernel of `connection_file`, in the jail."""
    here = os.getcwd()
    if connection_file == TRY:
        tried = command([sys.executable, "-P", "-c", "import ipykernel, acts.feedback"], here)
        os.execvpe("bwrap", tried, environment())
    if json.loads(Path(connection_file).read_text(encoding="utf-8"))["transport"] != "ipc":
        sys.exit(f"{NAME} has no network, so it is for grading only: python -m classroom autograde, or nbgrader")
    kernel = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", connection_file, *more]
    # What the kernel writes past Jupyter would go to the teacher's terminal, whose control codes do more than print.
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.execvpe("bwrap", command(kernel, here, os.path.dirname(connection_file)), environment())


# ---- the specification ---------------------------------------------------------------------------


def in_words(kernel):
    """Return one line that says what the code that `kernel` ran could do."""
    if kernel == NAME:
        return "graded code runs in the jail: it sees its own submission, and no network"
    return (
        f"graded code runs without a jail (in the kernel {kernel}): it can read and write what your account can. "
        'See "A jail for graded code" in docs/for-teachers.md'
    )


def is_installed():
    from jupyter_client.kernelspec import KernelSpecManager

    return NAME in KernelSpecManager().find_kernel_specs()


def install(prefix):
    """Write the kernel specification below `prefix`; return why it will not be used, if it will not."""
    if problem := trial():
        return problem
    from jupyter_client.kernelspec import KernelSpecManager

    spec = {
        "argv": [*LAUNCHER, "{connection_file}"],
        "display_name": "acts: the jail for grading",
        "language": "python",
        "interrupt_mode": "message",  # signals do not reach into the jail
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kernel.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
        KernelSpecManager().install_kernel_spec(folder, NAME, prefix=prefix)
    if not is_installed():
        return f"Jupyter does not look below {prefix} for kernels: {NAME} is there, and will not be used"
    return None


def remove(prefix):
    """Delete the kernel specification; return why it will be used nevertheless, if it will."""
    shutil.rmtree(Path(prefix, "share", "jupyter", "kernels", NAME), ignore_errors=True)
    return f"there is another {NAME}; `jupyter kernelspec list` says where" if is_installed() else None


def trial():
    """Return why a submission cannot be graded in the jail on this machine; None if it can."""
    if sys.platform != "linux":
        return "bubblewrap is for Linux only; grade on a Linux machine"
    if not shutil.which("bwrap"):
        return INSTALL
    with tempfile.TemporaryDirectory() as folder:
        how = {"cwd": folder, "stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "errors": "replace"}
        tried = subprocess.run([*LAUNCHER, TRY], **how)
    said = tried.stderr.strip().splitlines()[-1:] or [f"it ended with {tried.returncode}"]
    return f"the jail does not work on this machine: {said[0]}. {ALLOW}" if tried.returncode else None


if __name__ == "__main__":
    main(*sys.argv[1:])
