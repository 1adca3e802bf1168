"""The newsletter in the programs in which people read mail: Thunderbird and mutt."""

from __future__ import annotations

import contextlib
import fcntl
import mailbox
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest
from thunderbird import opened

from recommender.demo.captured_mail import CapturedMail
from recommender.demo.persona import papers_of
from recommender.jobs.finding import find_subscriber
from recommender.store import issues, ratings

pytestmark = pytest.mark.system

READER = "reader@example.org"
COLUMNS, LINES = 80, 24

# What is read of a message as it is shown: words and ground of titles and buttons, as they are.
COLOURS = """
const view = shown.defaultView;
const canvas = shown.createElement("p");
canvas.style.backgroundColor = "Canvas";
shown.body.append(canvas);
const ground = element => {
  for (let each = element; each; each = each.parentElement) {
    const colour = view.getComputedStyle(each).backgroundColor;
    if (!/^rgba\\(.*, 0\\)$|^transparent$/.test(colour)) return colour;
  }
  return view.getComputedStyle(canvas).backgroundColor;
};
return [...shown.querySelectorAll("h2, td.action a")].map(each => {
  const cell = each.closest("td.action");
  return {
    words: view.getComputedStyle(each).color,
    ground: ground(each),
    border: cell && view.getComputedStyle(cell).borderTopColor,
    around: cell && ground(cell.parentElement),
  };
});
"""


@pytest.fixture
def newsletter(with_digest: Any, sink: Any) -> CapturedMail:
    """Return the mail of an issue, to which one can reply."""
    with_digest.settings["INBOX__PIPE"] = "true"
    with_digest.do("subscribers", "add", READER)
    with_digest.do("send", "--now")
    return sink.wait_for(READER)  # type: ignore[no-any-return]  # the fixture is untyped


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def thunderbird(
    request: pytest.FixtureRequest,
    newsletter: CapturedMail,
    sink: Any,
    free_port: Callable[[], int],
    tmp_path: Path,
) -> Iterator[tuple[Any, bool]]:
    """Open the newsletter, and give the program and whether it is dark."""
    mail = tmp_path / "newsletter.eml"
    mail.write_bytes(newsletter.content)
    dark = request.param
    with opened(
        mail, folder=tmp_path, smtp_port=sink.port, free_port=free_port, dark=dark
    ) as program:
        program.wait_for_message(papers_of(newsletter)[-1].title)
        yield program, dark


def test_thunderbird_shows_the_mail_and_a_reply_rates(
    thunderbird: tuple[Any, bool],
    with_digest: Any,
    sink: Any,
    start_daemon: Any,
    eventually: Callable[..., Any],
) -> None:
    program, dark = thunderbird
    found = program.of_message(COLOURS)
    assert len(found) == 40  # a title and three buttons for each of ten papers
    for each in found:
        words, ground = luminance(each["words"]), luminance(each["ground"])
        assert (words > ground) == dark, each
        assert contrast(words, ground) >= 4.5, each
        if each["border"]:
            around = luminance(each["around"])
            assert contrast(luminance(each["border"]), around) >= 3, each

    program.reply("+1 -2 *3\n")
    [reply] = eventually(
        lambda: [mail for mail in sink.mails() if mail.recipient.startswith("papers+rate-")],
        "the reply is sent",
    )
    command = [sys.executable, "-m", "recommender", "receive", "--sender", reply.sender]
    subprocess.run(  # noqa: S603 - our own program
        [*command, "--recipient", reply.recipient],
        input=reply.content,
        env=with_digest.environ,
        cwd=with_digest.folder,
        check=True,
    )
    start_daemon(with_digest)
    eventually(lambda: len(said_of(with_digest)) == 3, "the reply is read")
    assert said_of(with_digest) == {1: (1, False), 2: (-1, False), 3: (0, True)}


def said_of(installation: Any) -> dict[int, tuple[int, bool]]:
    """Read what the reader says of papers by their number in the issue."""
    with installation.services() as services:
        reader = find_subscriber(services, READER)
        with services.database.read() as session:
            (issue,) = issues.of_subscriber(session, reader.id)
            said = ratings.of_subscriber(session, reader.id)
    numbers = {entry.paper_id: entry.position for entry in issue.entries}
    return {numbers[each.paper_id]: (each.value, each.saved) for each in said}


def luminance(colour: str) -> float:
    """Return how bright a colour as the browser writes it is: 0 black, 1 white (WCAG 2.2)."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (int(number) / 255 for number in re.findall(r"\d+", colour)[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@contextlib.contextmanager
def terminal(command: list[str], environ: dict[str, str]) -> Iterator[Callable[[], list[str]]]:
    """Run a program in a terminal of 80 columns and 24 lines; yields what reads its screen."""
    process_id, controller = pty.fork()
    if process_id == 0:
        os.execvpe(command[0], command, environ)  # noqa: S606 - it takes the place of the child
    fcntl.ioctl(controller, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)

    def read() -> list[str]:
        while select.select([controller], [], [], 0.2)[0]:
            stream.feed(os.read(controller, 65_536))
        return [line.rstrip() for line in screen.display]

    try:
        yield read
    finally:
        os.kill(process_id, signal.SIGKILL)
        os.waitpid(process_id, 0)
        os.close(controller)


def test_mutt_shows_all_titles_and_the_way_to_rate_on_its_first_screen(
    newsletter: CapturedMail, tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    if shutil.which("mutt") is None:
        pytest.skip("needs mutt: apt-get install mutt")
    box = mailbox.mbox(tmp_path / "box")
    box.add(newsletter.content.replace(b"\r\n", b"\n"))
    box.close()
    settings = tmp_path / "muttrc"
    settings.write_text(
        f"set folder={tmp_path}\nalternative_order text/plain\nignore *\nunignore from subject\n"
    )
    environ = os.environ | {
        "HOME": str(tmp_path),
        "TERM": "linux",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }
    command = ["mutt", "-n", "-F", str(settings), "-f", str(tmp_path / "box")]
    with terminal([*command, "-e", "push <display-message>"], environ) as screen:
        titles = [paper.title for paper in papers_of(newsletter)]
        shown = eventually(
            lambda: (lines := screen()) and any(titles[0][:30] in line for line in lines) and lines,
            "mutt shows the mail",
        )

    seen = "\n".join(shown)
    print(seen)  # noqa: T201 - for whoever looks at it
    assert [title for title in titles if title[:40] not in seen] == []
    assert "Just reply: +1 -2 *3" in seen
    assert "/rate/" in seen
    text = newsletter.text.splitlines()
    assert [line for line in text if len(line) > 76 and "http" not in line] == []
