"""Xandikos for tests: plain HTTP on loopback, several users with Basic authentication.

    serve.py PORT FOLDER USER:PASSWORD...

Each user has a principal of their own and sees no other one. Ends on SIGTERM.
"""

import sys
from pathlib import Path

from aiohttp import web
from xandikos.multi_user import MultiUserFilesystemBackend, MultiUserXandikosApp
from xandikos.web import WELLKNOWN_DAV_PATHS, RedirectDavHandler, basic_auth_middleware

LARGEST_BODY = 64 * 1024 * 1024


class PlainPasswords(dict):
    """User names and passwords, asked as Xandikos asks an htpasswd file."""

    def check(self, user, password):
        return self.get(user) == password


def application(folder, logins):
    folder.mkdir(parents=True, exist_ok=True)
    backend = MultiUserFilesystemBackend(str(folder))
    for user in logins:
        backend.set_principal(user)
    dav = MultiUserXandikosApp(backend, current_user_principal="/%(REMOTE_USER)s/")

    async def answer(request):
        return await dav.aiohttp_handler(request, "/")

    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[basic_auth_middleware(logins)])
    for path in WELLKNOWN_DAV_PATHS:
        app.router.add_route("*", path, RedirectDavHandler("/").__call__)
    app.router.add_route("*", "/{path_info:.*}", answer)  # the name that Xandikos looks for
    return app


if __name__ == "__main__":
    port, folder, *logins = sys.argv[1:]
    app = application(Path(folder), PlainPasswords(login.split(":", 1) for login in logins))
    web.run_app(app, host="127.0.0.1", port=int(port), access_log=None, print=None)
