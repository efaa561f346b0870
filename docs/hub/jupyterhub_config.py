"""The hub of docs/for-teachers.md, "On a JupyterHub": /srv/jupyterhub/jupyterhub_config.py."""

import os
import sys
from pathlib import Path

TEACHERS = ["teacher1"]
GRADER = "grader-acts"  # an account that no person logs in with; its home holds the course folder

c = get_config()  # noqa: F821 (JupyterHub defines it)

# The proxy, jupyterhub-singleuser, nbgrader and what they call lie beside the Python that runs the hub.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

# Behind a web server that speaks HTTPS: only this machine reaches the hub itself.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
# Whoever has an account on this machine, by its password (PAM). For fewer, this line instead:
# c.Authenticator.allowed_users = {"teacher1", "ada", "bob"}
c.Authenticator.allow_all = True

# The formgrader is a service of the hub that runs as GRADER. Teachers alone reach it: everybody else gets 403.
c.JupyterHub.load_groups = {"formgrade-acts": {"users": TEACHERS}}
c.JupyterHub.load_roles = [
    {
        "name": "formgrade-acts",
        "groups": ["formgrade-acts"],
        "scopes": ["access:services!service=acts", "list:services", "read:services!service=acts"],
    },
]
c.JupyterHub.services = [
    {
        "name": "acts",
        "url": "http://127.0.0.1:9999",
        "user": GRADER,
        "cwd": f"/home/{GRADER}/acts-course",
        "command": [
            "jupyterhub-singleuser",
            # docs/for-teachers.md turns the formgrader off for everybody; here it is on.
            "--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True",
        ],
        # The formgrader as a page of its own: in JupyterLab it would be a frame, and JupyterHub forbids frames.
        "environment": {"JUPYTERHUB_DEFAULT_URL": "/formgrader"},
    }
]
