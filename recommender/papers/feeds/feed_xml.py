"""Room 1, papers: the XML of feeds, cut to what papers are read from. Pure.

feedparser reads whatever it meets, in time that grows with the square of long words, of
categories and of attributes; what is no well-formed XML it reads by patterns. So lxml, which
takes broken XML too, reads the document first, and feedparser is handed what it needs of it: few
elements, that hold bounded text and nothing else.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from html.entities import html5
from typing import Final

from lxml import etree

from recommender.errors import DigestError, UnfinishedDigestError
from recommender.text_encodings import encoding_named
from recommender.wording import one_line

MAX_BYTES: Final = 8_000_000
MOST_TEXT: Final = 3_000_000
"""Characters of all that papers are read from, together: what makes feeds larger are tags, links
and categories. A thousand papers of arXiv have two million."""
MOST_ELEMENTS: Final = 60_000
"""Of a feed. The largest of arXiv's days have some thousand papers of a dozen elements."""
LONGEST_LINK: Final = 2_000
LONGEST_MARKUP: Final = 200_000
"""Characters of a description that are looked at, its tags among them."""

_CONTAINERS: Final = frozenset({"rss", "feed", "rdf", "channel", "item", "entry", "items"})
_NAMES_A_PAPER: Final = frozenset({"link", "id", "guid", "doi", "identifier"})
_LONGEST_AUTHORS: Final = 50_000
# By the name without prefix; the characters that are looked at. What is not here is left out.
_LEAVES: Final = {
    **dict.fromkeys(("title", "name"), 10_000),
    **dict.fromkeys(_NAMES_A_PAPER, LONGEST_LINK),
    **dict.fromkeys(("summary", "description", "abstract", "content", "encoded"), LONGEST_MARKUP),
    **dict.fromkeys(("body", "fullitem", "subtitle", "tagline"), LONGEST_MARKUP),
    **dict.fromkeys(("author", "creator", "managingeditor", "contributor"), _LONGEST_AUTHORS),
    **dict.fromkeys(("published", "issued", "pubdate", "updated", "modified", "date"), 100),
    **dict.fromkeys(("lastbuilddate", "created", "announce_type"), 100),
    "comment": 1_000,
}
_POSTS: Final = frozenset({"comments", "commentrss", "post-id", "thumbnail"})
_EPISODES: Final = frozenset({"duration", "episode", "episodetype", "season", "transcript"})
_OF_JOURNALS: Final = frozenset(
    {"publicationname", "startingpage", "endingpage", "volume", "coverdate", "issn", "eissn"}
)
_BLOGS: Final = re.compile(
    r"wordpress|substack|ghost|medium|blogger|tumblr|squarespace|wix|hugo|jekyll|beehiiv|buttondown"
    r"|movable type|podcast|anchor|libsyn|buzzsprout|drupal|gatsby|hexo|quarto|eleventy",
    re.IGNORECASE,
)
_MOST_ATTRIBUTES: Final = 100
_AUTHORS: Final = frozenset({"author", "creator", "managingeditor", "contributor"})
_OF_AN_AUTHOR: Final = frozenset({"name"})
_ALL_AUTHORS: Final = "authors"
_ATTRIBUTES: Final = frozenset(
    {"about", "base", "href", "ispermalink", "mode", "rel", "type", "url", "version"}
)
# Looking for an author's address, feedparser begins anew at each letter of a word.
_LONG_WORD: Final = re.compile(r"([^\s<>]{60})[^\s<>]+")
_ATTRIBUTES_OF_HTML: Final = re.compile(r"<([a-z]{1,10})\s[^<>]*>", re.IGNORECASE)
_BETWEEN_WORDS: Final = re.compile(r"([\s()<>,;]+)")
# Prefixes that feeds use without declaring them.
_USUAL_PREFIXES: Final = {
    "arxiv": "http://arxiv.org/schemas/atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "prism": "http://prismstandard.org/namespaces/1.2/basic/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}

_DECLARED_ENCODING: Final = re.compile(
    rb"""<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']"""
)
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_IN_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# An entity made of entities serves nothing but to fill the memory.
# By the names that `formats` knows feeds by.
_OUTERMOST: Final = re.compile(r"<((?:[\w.-]{1,40}:)?(?:rss|feed|rdf|channel))\b", re.IGNORECASE)
_NESTED_ENTITY: Final = re.compile(
    r"""<!ENTITY\s+(?:%\s+)?[^\s"']+\s+(?:"[^"]*&[^#"]|'[^']*&[^#'])"""
)
# Escaped or not, these are text; one that is not ended would have the rest of the feed for its own.
_OF_HTML: Final = (
    "a|abbr|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|li"
    "|ol|p|pre|q|s|small|span|strike|strong|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul"
)
_MARKUP: Final = re.compile(
    r"(?P<text> <!\[CDATA\[.*?(?:\]\]>|\Z) ) | <!--.*?(?:-->|\Z) | <\?.*?(?:\?>|\Z)"
    r"| (?P<run> <+(?=<) | &+(?=&) )"
    rf"| (?P<bare> <(?=/?(?:{_OF_HTML})[\s/>]) | <(?![/!:]|[^\W\d]) ) | (?P<start> <(?![/!]) )"
    r"| &(?: \#(?P<number>[0-9]{1,7}|x[0-9a-f]{1,6}); | (?P<name>\w{1,40}); | (?P<ampersand>) )",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_OF_XML: Final = frozenset({"amp", "apos", "gt", "lt", "quot"})


@dataclass(frozen=True, slots=True)
class ReadableFeed:
    """A feed as well-formed XML in UTF-8, with what papers are read from and nothing more.

    Attributes
    ----------
    xml : bytes
    fault : str or None
        The first thing that was no XML in the document; some of it may be lost.
    elsewhere : mapping of str to int
        How many elements there were of what other things than papers, and journals, have:
        ``"post"``, ``"episode"``, ``"blog"``, ``"journal"``.
    """

    xml: bytes
    fault: str | None
    elsewhere: Mapping[str, int]


def readable_feed(content: bytes) -> ReadableFeed:
    """Reduce a feed to what papers are read from.

    Takes time in proportion to the length. Text that is longer than it can be is cut, addresses
    and identifiers are left out then.

    Raises
    ------
    UnfinishedDigestError
        Where its outermost element is never closed: entries are missing, or the end of one.
    DigestError
        Where it is larger than feeds are, or defines entities by entities, or holds no element.
    """
    if len(content) > MAX_BYTES:
        raise _refused(f"larger than {MAX_BYTES / 1e6:g} MB; split it")
    text = _NOT_IN_XML.sub("", _decoded(content)).lstrip()
    if _NESTED_ENTITY.search(text):
        raise _refused("it defines entities by entities; fetch it again")
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        no_network=True,
        resolve_entities="internal",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(_mended(text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise _refused(f"{error.msg}; fetch it again") from error
    if root is None:
        raise _refused("it holds no element; fetch it again")
    # The message may quote some lines of the feed.
    faults = [f"line {each.line}: {one_line(each.message)}" for each in parser.error_log[:1]]
    if faults:
        _refuse_unfinished(text, faults[0])
    try:
        if not _name_of(root):
            root.tag = "channel"  # of a prefix that is not known
        elsewhere = _reduce(root)
        etree.cleanup_namespaces(root)
        xml = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    except ValueError as error:  # libxml2 takes names that lxml does not
        raise _refused(f"{error}; fetch it again") from error
    return ReadableFeed(xml, next(iter(faults), None), elsewhere)


def _refuse_unfinished(text: str, fault: str) -> None:
    """Raise where what holds the entries is closed nowhere: they end in the middle of one."""
    outermost = _OUTERMOST.search(text)
    if outermost is None:
        return
    name, folded = outermost[1].lower(), text.lower()
    # All items of RSS stand in its channel.
    if f"</{name}" not in folded and not (name == "rss" and "</channel" in folded):
        raise UnfinishedDigestError(
            "file", f"the feed ends in the middle: {fault}; fetch it again, whole"
        )


def _refused(reason: str) -> DigestError:
    return DigestError("file", f"the feed cannot be read: {reason}")


def _decoded(content: bytes) -> str:
    """Decode by byte order mark, else as declared, else as UTF-8, else as Windows' Western.

    Where less than half of what is beyond ASCII is no UTF-8, it is UTF-8 with a few wrong bytes.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    declared = _DECLARED_ENCODING.match(content.lstrip()[:200])
    for name in (declared[1].decode() if declared else "utf-8", "utf-8"):
        stated = encoding_named(name)
        try:
            if stated is not None:
                return content.decode(stated)
        except UnicodeError:
            continue
    text = content.decode("utf-8", "replace")
    if 2 * text.count("\N{REPLACEMENT CHARACTER}") < len(text) - len(
        text.encode("ascii", "ignore")
    ):
        return text
    return content.decode("windows-1252", "replace")


def _mended(text: str) -> str:
    """Write angle brackets and ampersands that open nothing, and HTML's entities, as XML does."""
    declares_entities = "<!ENTITY" in text
    elements = 0

    def mend(found: re.Match[str]) -> str:
        nonlocal elements
        if found["start"]:
            elements += 1
            if elements > MOST_ELEMENTS:
                raise _refused(f"more than {MOST_ELEMENTS:,} elements; split it")
        elif found["text"] and not found["text"].endswith("]]>"):
            return f"{found[0]}]]>"
        elif bare := found["run"] or found["bare"]:
            return f"&#{ord(bare[0])};" * len(bare)
        elif found["number"]:
            # libxml2 takes surrogates, which lxml cannot decode.
            number = found["number"].lower()
            code = int(number[1:], 16) if number.startswith("x") else int(number)
            return found[0] if code <= sys.maxunicode and not _NOT_IN_XML.match(chr(code)) else ""
        elif found["ampersand"] is not None:
            return "&#38;"
        elif found["name"] and (not declares_entities or found["name"] in _OF_XML):
            # By number: behind a fault, libxml2 leaves out what has a name.
            character = html5.get(f"{found['name']};")
            return _numbered(character) if character else f"&#38;{found[0][1:]}"
        return found[0]

    return _MARKUP.sub(mend, text)


def _numbered(text: str) -> str:
    return "".join(f"&#{ord(letter)};" for letter in text)


def _reduce(root: etree._Element) -> Counter[str]:
    """Leave of an element and what is in it containers and leaves, and of a leaf its text.

    Counts what is left out by what it is a sign of.
    """
    elsewhere: Counter[str] = Counter()
    waiting = [root]
    left = MOST_TEXT
    while waiting:
        element = waiting.pop()
        _clean_attributes(element)
        # Between elements no text is read.
        element.text = None
        children = deque(element)
        while children:
            child = children.popleft()
            child.tail = None
            name = _name_of(child)
            if name == _ALL_AUTHORS:
                children.extendleft(reversed(_of_all_authors(child)))
            elif name in _CONTAINERS:
                waiting.append(child)
            elif name == "identifier" and "10." not in (child.text or ""):
                # PubMed and HighWire number a paper beside its DOI; feedparser keeps the last one.
                element.remove(child)
            elif name in _LEAVES:
                children.extendleft(reversed(_taken_out(child, name)))
                _reduce_leaf(child, name)
                left -= len(child.text or "") + sum(len(part.text or "") for part in child)
                if left < 0:
                    raise _refused(f"more than {MOST_TEXT / 1e6:g} million characters; split it")
            else:
                elsewhere.update(_sign(child, name))
                element.remove(child)
    return elsewhere


def _of_all_authors(element: etree._Element) -> list[etree._Element]:
    """Put what holds the authors of a paper as elements of their own in its place.

    Text alone is one element with all names, as IEEE has it.
    """
    inner = list(element)
    if not inner:
        element.tag = "author"
        return [element]
    for each in reversed(inner):
        element.addnext(each)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
    return inner


def _sign(element: etree._Element, name: str) -> list[str]:
    """Return what a feed with this element is a feed of, as far as the element tells."""
    if name == "enclosure":
        kind = element.get("type", "")
        return ["episode"] if kind.startswith(("audio/", "video/")) else []
    if name == "generator":
        return ["blog"] if _BLOGS.search((element.text or "")[:200]) else []
    signs = (("post", _POSTS), ("episode", _EPISODES), ("journal", _OF_JOURNALS))
    return [sign for sign, names in signs if name in names]


def _taken_out(leaf: etree._Element, name: str) -> list[etree._Element]:
    """Put what a leaf that is not ended has swallowed of its parent behind it again."""
    if not len(leaf) or "xhtml" in leaf.get("type", ""):
        return []
    swallowed = []
    ahead = deque(leaf)
    while ahead:
        inner = ahead.popleft()
        inner_name = _name_of(inner)
        if name in _AUTHORS and inner_name in _OF_AN_AUTHOR:
            continue
        if inner_name in _LEAVES or inner_name in _CONTAINERS:
            swallowed.append(inner)
        else:
            ahead.extendleft(reversed(inner))
    for inner in reversed(swallowed):
        leaf.addnext(inner)
    if swallowed:
        for inner in list(leaf):
            leaf.remove(inner)
    return swallowed


def _reduce_leaf(leaf: etree._Element, name: str) -> None:
    _clean_attributes(leaf)
    parts = [child for child in leaf if name in _AUTHORS and _name_of(child) in _OF_AN_AUTHOR]
    if parts:
        for child in list(leaf):
            child.tail = None
            if child in parts:
                _reduce_leaf(child, _name_of(child))
            else:
                leaf.remove(child)
        leaf.text = None
        return
    text = _markup_within(leaf) if len(leaf) else leaf.text or ""
    if "xhtml" in leaf.get("type", ""):
        # What was markup is text now.
        leaf.set("type", "html")
    if len(text) > _LEAVES[name]:
        text = "" if name in _NAMES_A_PAPER else text[: _LEAVES[name]]
    for child in list(leaf):
        leaf.remove(child)
    text = _author(text) if name in _AUTHORS | _OF_AN_AUTHOR else text
    # Whole: feedparser takes each escaped character by itself.
    leaf.text = text if "]]>" in text or "<" not in text else etree.CDATA(text)


def _author(text: str) -> str:
    """Take mail addresses away from names, and cut words that are none."""
    # A link and the name behind it would be one word.
    text = _ATTRIBUTES_OF_HTML.sub(r"<\1>", text)
    words = _BETWEEN_WORDS.split(text)
    named = "".join(word for word in words if not _is_address(word))
    if named != text:
        named = named.replace("()", "").replace("<>", "").strip()
        if named.startswith("(") and named.endswith(")"):
            named = named[1:-1]
    return _LONG_WORD.sub(r"\1", named)


def _is_address(word: str) -> bool:
    local, _, domain = word.partition("@")
    return bool(local) and "." in domain


def _markup_within(element: etree._Element) -> str:
    """Write the elements that stand unescaped in a text, without attributes, as tags."""
    pieces = [element.text or ""]
    for event, each in etree.iterwalk(element, events=("start", "end")):
        if each is element:
            continue
        name = str(each.tag).rpartition("}")[2].rpartition(":")[2]
        if event == "start":
            pieces += [f"<{name}>", each.text or ""]
        else:
            pieces += [f"</{name}>", each.tail or ""]
    return "".join(pieces)


def _clean_attributes(element: etree._Element) -> None:
    if len(element.attrib) > _MOST_ATTRIBUTES:
        # lxml looks for the value of each among all the others.
        element.attrib.clear()
        return
    kept = {
        declared: value
        for name, value in element.attrib.items()
        if len(value) <= LONGEST_LINK
        and (declared := _declared(name))
        and declared.rpartition("}")[2].lower() in _ATTRIBUTES
    }
    # All at once: each that is taken away alone is looked for among the others.
    element.attrib.clear()
    element.attrib.update(kept)


def _name_of(element: etree._Element) -> str:
    """Return the name without prefix, in lower case; a usual prefix is declared where it is not."""
    tag = str(element.tag)
    declared = _declared(tag)
    local = declared.rpartition("}")[2].lower()
    if declared != tag and (local in _LEAVES or local in _CONTAINERS):
        element.tag = declared
    return local


def _declared(name: str) -> str:
    """Write a name whose prefix is not declared as if it were; empty where it is not known."""
    if name.startswith("{"):
        return name
    prefix, colon, local = name.rpartition(":")
    if not colon:
        return name
    return f"{{{_USUAL_PREFIXES[prefix]}}}{local}" if prefix in _USUAL_PREFIXES else ""
