"""Thunderbird as its users have it, without a screen: a profile, a window, and its Marionette."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE_SECONDS = 60.0
NOWHERE = 9

# The window that shows one message, and the document of that message in it.
MESSAGE = """
const window_ = Services.wm.getMostRecentWindow("mail:messageWindow");
const shown = window_?.document.getElementById("messageBrowser")?.contentDocument
  ?.getElementById("messagepane")?.contentDocument;
"""


class Thunderbird:
    """A running Thunderbird, spoken to in the protocol by which its makers test it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                assert process.poll() is None, "Thunderbird ended"
                assert time.monotonic() < deadline, "Thunderbird does not answer"
                time.sleep(0.1)
        self._socket.settimeout(PATIENCE_SECONDS)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self._read()  # its greeting
        self._ask("WebDriver:NewSession")
        self._ask("Marionette:SetContext", value="chrome")

    def evaluate(self, script: str) -> Any:
        """Run a script with the rights of the program, and return what it returns."""
        return self._ask("WebDriver:ExecuteScript", script=script)["value"]

    def of_message(self, script: str) -> Any:
        """Run a script that has the document of the message as `shown`."""
        return self.evaluate(MESSAGE + script)

    def wait_for(self, script: str, what: str) -> Any:
        """Run a script until it returns something."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (result := self.evaluate(script)):
            if time.monotonic() > deadline:
                pytest.fail(f"{what}: not within {PATIENCE_SECONDS:.0f} s")
            time.sleep(0.1)
        return result

    def wait_for_message(self, words: str) -> None:
        """Wait until the message is shown, words of it and all."""
        script = f"return shown?.body?.textContent.includes({json.dumps(words)})"
        self.wait_for(MESSAGE + script, "the message is shown")

    def reply(self, words: str) -> None:
        """Press Reply, write above what is quoted, and send."""
        self.of_message('window_.goDoCommand("cmd_reply")')
        compose = 'const window_ = Services.wm.getMostRecentWindow("msgcompose");'
        self.wait_for(
            f"{compose} return window_?.gMsgCompose?.editor?.documentModified !== undefined"
            " && window_.gMsgCompose.compFields.to !== ''"
            " && window_.GetCurrentEditor()?.document.body.textContent.length > 200",
            "the reply can be written",
        )
        self.evaluate(
            f"{compose} const editor = window_.GetCurrentEditor(); editor.beginningOfDocument();"
            f" editor.insertText({json.dumps(words)}); window_.goDoCommand('cmd_sendNow');"
        )

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _ask(self, name: str, **parameters: Any) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, _, error, result = self._read()
        assert error is None, error
        return result

    def _read(self) -> Any:
        length = b""
        while (digit := self._file.read(1)) != b":":
            length += digit
        return json.loads(self._file.read(int(length)))


@contextlib.contextmanager
def opened(
    mail: Path, *, folder: Path, smtp_port: int, free_port: Callable[[], int], dark: bool
) -> Iterator[Thunderbird]:
    """Open a mail, as somebody does who has an account at `smtp_port`, in the light or the dark."""
    programs = {name: shutil.which(name) for name in ("thunderbird", "Xvfb")}
    if missing := [name for name, path in programs.items() if path is None]:
        pytest.skip(f"needs {' and '.join(missing)}: apt-get install thunderbird xvfb")
    profile = folder / "profile"
    profile.mkdir()
    port = free_port()
    preferences = _preferences(smtp_port, port, dark=dark)
    (profile / "user.js").write_text(
        "".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in preferences.items()
        ),
        encoding="utf-8",
    )
    command = [
        *("thunderbird", "--profile", str(profile), "--no-remote"),
        *("--marionette", "--remote-allow-system-access", "-file", str(mail)),
    ]
    with contextlib.ExitStack() as running:
        display = running.enter_context(_screen())
        process = subprocess.Popen(  # noqa: S603 - as installed
            command,
            env=os.environ
            | {"DISPLAY": display, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running.callback(_end, process)
        thunderbird = Thunderbird(port, process)
        running.callback(thunderbird.close)
        yield thunderbird


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """Start a screen that nobody sees, under a number that nobody has."""
    reading, writing = os.pipe()
    process = subprocess.Popen(  # noqa: S603 - as installed
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"],  # noqa: S607 - from the path
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _preferences(smtp_port: int, marionette_port: int, *, dark: bool) -> dict[str, Any]:
    theme = "dark" if dark else "light"
    account, server, identity = "mail.account.account", "mail.server.server", "mail.identity.id1"
    return {
        "mail.accountmanager.accounts": "account1,account2",
        "mail.accountmanager.defaultaccount": "account2",
        "mail.accountmanager.localfoldersserver": "server1",
        f"{account}1.server": "server1",
        f"{server}1.type": "none",
        f"{server}1.hostname": "Local Folders",
        f"{server}1.userName": "nobody",
        f"{account}2.server": "server2",
        f"{account}2.identities": "id1",
        f"{server}2.type": "pop3",
        f"{server}2.hostname": "127.0.0.1",
        f"{server}2.port": NOWHERE,
        f"{server}2.userName": "reader",
        f"{server}2.check_new_mail": False,
        f"{server}2.login_at_startup": False,
        f"{identity}.fullName": "A reader",
        f"{identity}.useremail": "reader@example.org",
        f"{identity}.valid": True,
        f"{identity}.smtpServer": "smtp1",
        f"{identity}.fcc": False,
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.hostname": "127.0.0.1",
        "mail.smtpserver.smtp1.port": smtp_port,
        "mail.smtpserver.smtp1.try_ssl": 0,
        "mail.smtpserver.smtp1.authMethod": 1,
        # What it asks, tells and fetches by itself when it is new.
        "app.update.enabled": False,
        "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
        "mail.inappnotifications.enabled": False,
        "mail.provider.suppress_dialog_on_startup": True,
        "mail.rights.version": 1,
        "mail.shell.checkDefaultClient": False,
        "mailnews.start_page.enabled": False,
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": NOWHERE,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": NOWHERE,
        "network.proxy.no_proxies_on": "127.0.0.1",
        "toolkit.telemetry.enabled": False,
        "marionette.port": marionette_port,
        "extensions.activeThemeID": f"thunderbird-compact-{theme}@mozilla.org",
        "layout.css.prefers-color-scheme.content-override": 0 if dark else 1,
        "ui.systemUsesDarkTheme": int(dark),
    }
