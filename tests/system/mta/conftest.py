"""Debian's Postfix and Dovecot, private ones on the loopback interface, and an installation there.

`lists.example.org` is ours: Postfix hands its list address over to the daemon by LMTP.
`example.net` is the readers': their mail lies in Dovecot, and who has no mailbox there is refused
by it, so that Postfix has to send a report.
"""

from __future__ import annotations

import imaplib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PASSWORD = "open sesame"
LIST = "papers@lists.example.org"

POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtputf8_enable = yes
recipient_delimiter = +
virtual_mailbox_domains = lists.example.org, example.net
smtpd_reject_unlisted_recipient = no
virtual_transport = lmtp:unix:{folder}/dovecot-lmtp
transport_maps = inline:{{ {{ papers@lists.example.org = lmtp:unix:{folder}/recommender.sock }} }}
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
alias_maps =
local_recipient_maps =
notify_classes =
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
"""

POSTFIX_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """
base_dir = {folder}/dovecot-run
state_dir = {folder}/dovecot-state
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
recipient_delimiter = +
log_path = {folder}/dovecot.log
mail_location = maildir:{folder}/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
  }}
}}
service lmtp {{
  unix_listener {folder}/dovecot-lmtp {{
    mode = 0666
  }}
}}
"""


@dataclass
class MailHost:
    """Postfix and Dovecot, running."""

    folder: Path
    smtp_port: int
    imap_port: int
    imaps_port: int

    def log(self) -> str:
        """Return what both have logged, for whoever has to see why a test failed."""
        files = (self.folder / name for name in ("postfix.log", "dovecot.log"))
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def mails(self, user: str) -> list[bytes]:
        """Fetch all mails of somebody by IMAP, oldest first."""
        with imaplib.IMAP4("127.0.0.1", self.imap_port) as client:
            client.login(user, PASSWORD)
            client.select("INBOX", readonly=True)
            _, [found] = client.search(None, "ALL")
            mails = []
            for number in found.split():
                _, parts = client.fetch(number.decode(), "(BODY.PEEK[])")
                mails += [part[1] for part in parts if isinstance(part, tuple)]
            return mails


@pytest.fixture(scope="session")
def mail_host(eventually: Any, free_port: Callable[[], int]) -> Iterator[MailHost]:
    # Their processes run as users of their own, who must be able to enter the folder.
    folder = Path(tempfile.mkdtemp(prefix="recommender-mta-", dir="/var/tmp"))
    folder.chmod(0o755)
    host = MailHost(folder, free_port(), free_port(), free_port())
    for name in ("postfix", "queue", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "mail", "mail")
    values = {"folder": folder, "port": host.smtp_port, "imap_port": host.imap_port}
    values["imaps_port"] = host.imaps_port
    subprocess.run(  # noqa: S603 - ours
        [
            *("/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(folder / "server.key"), "-out", str(folder / "server.pem")),
        ],
        capture_output=True,
        check=True,
    )
    (folder / "postfix" / "main.cf").write_text(POSTFIX_MAIN.format(**values))
    (folder / "postfix" / "master.cf").write_text(POSTFIX_MASTER.format(**values))
    (folder / "dovecot.conf").write_text(DOVECOT.format(**values))
    (folder / "users").write_text(
        "".join(
            f"{name}:{{PLAIN}}{PASSWORD}::::::\n"
            for name in ("ann", "bob", "cleo", "mailbox", "papers")
        )
    )
    dovecot = subprocess.Popen(  # noqa: S603 - ours
        ["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")]
    )
    postfix = ["/usr/sbin/postfix", "-c", str(folder / "postfix")]
    try:
        started = subprocess.run([*postfix, "start"], capture_output=True, text=True, check=False)  # noqa: S603 - ours
        assert started.returncode == 0, started.stderr + host.log()
        for port in (host.smtp_port, host.imap_port):
            eventually(lambda port=port: answers(port), f"port {port} answers: {host.log()}")
        yield host
    finally:
        subprocess.run([*postfix, "stop"], capture_output=True, check=False)  # noqa: S603 - ours
        dovecot.terminate()
        dovecot.wait(30)
        shutil.rmtree(folder)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return bool(connection.recv(1))
    except OSError:
        return False


@pytest.fixture(scope="session")
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def at_the_mail_host(with_digest: Any, mail_host: MailHost, signing_key: Any) -> Any:
    """Let an installation hand its mail to Postfix, signed, and take mail from it by LMTP."""
    key_file = with_digest.folder / "dkim.pem"
    key_file.write_bytes(
        signing_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with_digest.settings |= {
        "LIST__ADDRESS": LIST,
        "SMTP__HOST": "127.0.0.1",
        "SMTP__PORT": str(mail_host.smtp_port),
        "SMTP__SECURITY": "plain",
        "DKIM__KEY_FILE": str(key_file),
        "INBOX__LMTP": f"unix:{mail_host.folder}/recommender.sock",
    }
    return with_digest
