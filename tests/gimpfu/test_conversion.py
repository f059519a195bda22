"""What becomes of Python 2's syntax and idioms when a plug-in is converted."""

from __future__ import annotations

import pytest
from gimpfu.conversion import convert
from gimpfu.conversion.syntax import Unreadable

CONVERTED = {
    # Syntax, with fissix.
    "print statement": ("print 'a', 1", "print('a', 1)"),
    "print to a file": (
        "import sys\nprint >>sys.stderr, 'a'",
        "import sys\nprint('a', file=sys.stderr)",
    ),
    "except": ("try: pass\nexcept ValueError, e: pass", "try: pass\nexcept ValueError as e: pass"),
    "raise": ("raise ValueError, 'bad'", "raise ValueError('bad')"),
    "has_key": ("{}.has_key(1)", "1 in {}"),
    "octal": ("a = 0755", "a = 0o755"),
    "unicode": ("a = ur'x'\nb = u'y'", "a = r'x'\nb = 'y'"),
    "raw_input": ("a = raw_input('b')", "a = input('b')"),
    "urllib2": ("import urllib2", "import urllib.request, urllib.error, urllib.parse"),
    "cPickle": ("import cPickle\ncPickle.dumps(1)", "import pickle\npickle.dumps(1)"),
    "getcwdu": ("import os\nos.getcwdu()", "import os\nos.getcwd()"),
    "lists": ("a = map(f, b)\nc = d.keys()", "a = list(map(f, b))\nc = list(d.keys())"),
    "local import": ("import helper", "import helper"),
    "already Python 3": ("print('a', file=f)", "print('a', file=f)"),
    # Names and calls that Python 3 lacks.
    "file": ("f = file('a')", "f = open('a')"),
    "own file": ("def g(file): return file('a')", "def g(file): return file('a')"),
    "gettext": (
        "import gettext\ngettext.install('d', gimp.locale_directory, unicode=True)",
        "import gettext\ngettext.install('d', gimp.locale_directory)",
    ),
    "raise a text": ("raise 'No layer'", "raise RuntimeError('No layer')"),
    "letters": ("import string\na = string.letters", "import string\na = string.ascii_letters"),
    "string.join": ("import string\nstring.join(a, '-')", "import string\n'-'.join(a)"),
    "nested string functions": (
        "from string import join, split\na = join(split(b + c, ' '))",
        "pass\na = \" \".join((b + c).split(' '))",
    ),
    "string.atoi": ("import string\nstring.atoi(a)", "import string\nint(a)"),
    "sort": ("a.sort(by)", 'a.sort(key=__import__("functools").cmp_to_key(by))'),
    "sorted": ("sorted(a, cmp=by)", 'sorted(a, key=__import__("functools").cmp_to_key(by))'),
    "sort with cmp": ("a.sort(cmp)", "a.sort(key=None)"),
    "sort with a key": ("a.sort(key=f)", "a.sort(key=f)"),
    "cmp": ("a = cmp(b, c + 1)", "a = ((b > (c + 1)) - (b < (c + 1)))"),
    "decode a text": ("a = 'b'.decode('utf-8')", "a = 'b'"),
    "encode a name": ("a = layer.name.encode('utf-8')", "a = layer.name"),
    "encode for a file": ("f.write(u'ä'.encode('utf-8'))", "f.write('ä'.encode('utf-8'))"),
    "array": (
        "from array import array\na = array('B')\na.fromstring(b)\nc = a.tostring()",
        "from array import array\na = array('B')\na.frombytes(b)\nc = a.tobytes()",
    ),
    "ElementTree": (
        "import xml.etree.ElementTree as ET\nET.fromstring(a)",
        "import xml.etree.ElementTree as ET\nET.fromstring(a)",
    ),
    "default encoding": (
        "import sys\nreload(sys)\nsys.setdefaultencoding('utf8')",
        "import sys\npass\npass",
    ),
    # Division.
    "literals": ("a = 7 / 2", "a = 7 // 2"),
    "len": ("a = len(b) / 2", "a = len(b) // 2"),
    "attributes": (
        "a = image.width/2 - layer.offsets[0]/3",
        "a = image.width//2 - layer.offsets[0]//3",
    ),
    "floats": ("a = 7 / 2.0 + image.width / float(b)", "a = 7 / 2.0 + image.width / float(b)"),
    "assigned": ("a = 5\na /= 2", "a = 5\na //= 2"),
    "loop": ("for i in range(9): a = i / 2", "for i in range(9): a = i // 2"),
    "results": ("def f(): return 3\na = f() / 2", "def f(): return 3\na = f() // 2"),
    "arguments": ("def f(n): return n / 2\nf(3)", "def f(n): return n // 2\nf(3)"),
    "comprehension": (
        "for i in range(9): a = b[i / 2]\nc = [i / 2.5 for i in d]",
        "for i in range(9): a = b[i // 2]\nc = [i / 2.5 for i in d]",
    ),
    "procedures": (
        "a, b, c, d, e = pdb.gimp_selection_bounds(image)\nf = (d - b) / 2",
        "a, b, c, d, e = pdb.gimp_selection_bounds(image)\nf = (d - b) // 2",
    ),
    "with a comment": ("a = (7 # 1/2\n / 2)", "a = (7 # 1/2\n // 2)"),
    "umlauts before it": ("a = 'äöü' * (7 / 2)", "a = 'äöü' * (7 // 2)"),
    "true division": (
        "from __future__ import division\na = 7 / 2",
        "\na = 7 / 2",
    ),
    # Bytes.
    "read a pixel": (
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\np = r[x, y]\na = ord(p[0])",
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\np = r[x, y]\na = p[0]",
    ),
    "read something": (
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\ndef f(p): return ord(p[0])",
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\ndef f(p): return ord(p[0:1])",
    ),
    "write a pixel": (
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\nr[x, y] = chr(a) + '\\0'",
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\nr[x, y] = bytes([a]) + b'\\0'",
    ),
    "write a variable": (
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\ns = ''\ns = s + chr(a)\nr[x, y] = s",
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\ns = b''\ns = s + bytes([a])\nr[x, y] = s",
    ),
    "write joined pixels": (
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\nr[0:9, y] = ''.join([chr(v) for v in vs])",
        "r = layer.get_pixel_rgn(0, 0, 1, 1)\nr[0:9, y] = b''.join([bytes([v]) for v in vs])",
    ),
    "pixels as they are": (
        "import struct\nr = layer.get_pixel_rgn(0, 0, 1, 1)\nr[x, y] = struct.pack('B', 1)",
        "import struct\nr = layer.get_pixel_rgn(0, 0, 1, 1)\nr[x, y] = struct.pack('B', 1)",
    ),
    "header of a file": ("f = open(a, 'wb')\nf.write('RGB')", "f = open(a, 'wb')\nf.write(b'RGB')"),
    "formatted into a file": (
        "f = file(a, 'wb')\nf.write('%d' % n)",
        "f = open(a, 'wb')\nf.write(('%d' % n).encode(\"latin-1\"))",
    ),
    "array of bytes": (
        "from array import array\na = array('B', '\\0' * n)",
        "from array import array\na = array('B', b'\\0' * n)",
    ),
    "packed text": (
        "import struct\nstruct.pack('<8sI', 'PLT', 1)",
        "import struct\nstruct.pack('<8sI', b'PLT', 1)",
    ),
    "name of a file with an ending": (
        "def f(name):\n    end = '.tmp'.encode(codec)\n    return name + end\nf(layer.name)",
        "def f(name):\n    end = '.tmp'\n    return name + end\nf(layer.name)",
    ),
    "hash of a name": (
        "import hashlib\nhashlib.md5(layer.name)",
        'import hashlib\nhashlib.md5((layer.name).encode("latin-1"))',
    ),
    "text in a temporary file": (
        "import tempfile\nf = tempfile.TemporaryFile(suffix='.svg')\nf.write('a')",
        "import tempfile\nf = tempfile.TemporaryFile(suffix='.svg', mode=\"w+\")\nf.write('a')",
    ),
    "bytes in a temporary file": (
        "import tempfile\nf = tempfile.TemporaryFile()\nf.write(image.colormap)",
        "import tempfile\nf = tempfile.TemporaryFile()\nf.write(image.colormap)",
    ),
    # Texts.
    "delete letters": (
        "a = b.translate(None, 'x')",
        'a = b.translate(str.maketrans("", "", \'x\'))',
    ),
    "all letters": (
        "import string\na = string.maketrans('', '')\nb = c.translate(a, 'x')",
        'import string\na = "".join(map(chr, range(256)))\n'
        'b = c.translate(str.maketrans("", "", \'x\')).translate(a)',
    ),
    "decode bytes only": (
        "if isinstance(a, str):\n    a = a.decode('utf-8')",
        "if isinstance(a, bytes):\n    a = a.decode('utf-8')",
    ),
    "encode text only": (
        "if isinstance(a, unicode):\n    a = a.encode('utf-8')",
        "if isinstance(a, str):\n    a = a",
    ),
    "an argument encoded": (
        "def f(name):\n    name = name.encode(codec)\n    return name\nf('a')",
        "def f(name):\n    name = name\n    return name\nf('a')",
    ),
    # None is smaller than anything.
    "less than": ("def f(a=None): return a < 4", "def f(a=None): return (a is None or a < 4)"),
    "more than": (
        "self.width = None\na = self.width > 4",
        "self.width = None\na = (self.width is not None and self.width > 4)",
    ),
    "on the right": (
        "def f(self, num=None): self.num = num\ndef g(name): return 4 >= name.num",
        "def f(self, num=None): self.num = num\n"
        "def g(name): return (name.num is None or 4 >= name.num)",
    ),
}


@pytest.mark.parametrize("source, wanted", CONVERTED.values(), ids=CONVERTED)
def test_it_becomes_python_3(source: str, wanted: str) -> None:
    conversion = convert(source.encode())
    assert conversion.text == wanted + "\n"
    assert conversion.notes == []
    compile(conversion.text, "plug-in", "exec")


NOTED = {
    "division": ("def f(a, b):\n    return a / b\n", 2, "a / b was rounded down"),
    "decode": ("a = b.decode('utf-8')", 1, "remove .decode(...)"),
    "encode": ("a = b.encode('utf-8')", 1, "remove .encode(...)"),
    "hex": ("a = 'b'.encode('hex')", 1, "'hex'"),
    "two that may be None": ("def f(a=None, b=None):\n    return a < b", 2, "a is None at times"),
    "GTK 2": ("import pygtk", 1, "GTK 2, which no longer exists"),
    "md5": ("\nfrom md5 import new", 2, "hashlib.md5"),
    "popen": ("import os\nos.popen2('a')", 2, "subprocess.Popen"),
    "bytes from a file": ("a = open(b, 'rb')", 1, "gives bytes"),
    "unknown into a file": ("a = open(b, 'wb')\na.write(c)", 2, "add .encode()"),
}


@pytest.mark.parametrize("source, line, text", NOTED.values(), ids=NOTED)
def test_a_person_must_look_at_it(source: str, line: int, text: str) -> None:
    (note,) = convert(source.encode()).notes
    assert note.line == line
    assert text in note.text
    assert len(note.text) <= 300 and note.text.endswith(".")


def test_nothing_is_said_where_the_plug_in_asks_for_none() -> None:
    asks = "def f(a=None, b=None):\n    if a is not None and a < 4: return 1\n"
    assert convert(f"{asks}    if b and b < 4: return 2\n".encode()).notes == []


def _registered(row: str) -> str:
    texts = ", ".join(["'python-fu-halve'", *["''"] * 5, "'<Image>/Filters/Halve'", "''"])
    return f"def f(image, drawable, n): return n / 2\nregister({texts}, [{row}], [], f)\n"


@pytest.mark.parametrize(
    "kind, operator",
    [("PF_INT", "//"), ("PF_OPTION", "//"), ("PF_SPINNER", "/"), ("PF_FLOAT", "/")],
)
def test_parameters_have_the_types_that_the_plug_in_registers(kind: str, operator: str) -> None:
    """The label's path adds the image and the drawable. GIMP 2.10's spinners gave floats."""
    conversion = convert(_registered(f"({kind}, 'n', 'N', 1)").encode())
    assert f"return n {operator} 2" in conversion.text
    assert conversion.notes == []


def test_python_2_indents_by_tabs_of_eight() -> None:
    source = "if a:\n\tb = '''\n\tc'''\n        d = 1\n"
    assert convert(source.encode()).text == "if a:\n        b = '''\n\tc'''\n        d = 1\n"


def test_tabs_alone_stay() -> None:
    assert convert(b"if a:\n\tb = 1\n").text == "if a:\n\tb = 1\n"


@pytest.mark.parametrize(
    "source, encoding",
    [
        ("# -*- coding: latin-1 -*-\na = 'ä'\n".encode("latin-1"), "latin-1"),
        ("\ufeffa = 'ä'\r\n".encode(), "utf-8"),
    ],
)
def test_the_encoding_is_kept(source: bytes, encoding: str) -> None:
    conversion = convert(source)
    assert conversion.encoding == encoding
    assert conversion.text.endswith("a = 'ä'\n")


def test_text_in_no_known_encoding_is_pointed_at() -> None:
    conversion = convert("a = 'ä'\n".encode("latin-1"))
    assert (conversion.text, conversion.encoding) == ("a = 'ä'\n", "utf-8")
    assert "Check its accents." in conversion.notes[0].text


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(Unreadable, match="line 2"):
        convert(b"a = 1\nif if\n")
