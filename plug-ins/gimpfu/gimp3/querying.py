"""Asking which procedures there are, under their names in GIMP 2.10 and in GIMP 3."""

from __future__ import annotations

import re
from typing import Any

from gi.repository import Gimp

from gimpfu.errors import error
from gimpfu.gimp3.converted import CONVERTED
from gimpfu.gimp3.database import about_of
from gimpfu.gimp3.renamed import NEW_NAMES
from gimpfu.gimp3.signatures import declared, signatures


def exists(name: str) -> bool:
    """Return whether GIMP 2.10 had a procedure with this name, and GIMP 3 can do the same."""
    return name in signatures() and (
        name in CONVERTED or Gimp.get_pdb().lookup_procedure(NEW_NAMES.get(name, name)) is not None
    )


def gimp_procedural_db_proc_exists(name: str) -> int:
    return int(exists(name.replace("_", "-")) or Gimp.get_pdb().procedure_exists(name))


def gimp_procedural_db_query(
    name: str, blurb: str, help: str, author: str, copyright: str, date: str, kind: str
) -> tuple[int, tuple[str, ...]]:
    """Return the names, new and old, that match; other words limit the new ones only."""
    words = [word if word != ".*" else "" for word in (blurb, help, author, copyright, date, kind)]
    found = set(Gimp.get_pdb().query_procedures(name, *words, ""))
    if not any(words):
        old = re.compile(name or "")
        found |= {one for one in signatures() if old.search(one) and exists(one)}
    return len(found), tuple(sorted(found))


def gimp_procedural_db_proc_info(name: str) -> tuple[Any, ...]:
    procedure = Gimp.get_pdb().lookup_procedure(NEW_NAMES.get(name, name))
    signature = signatures().get(name)
    if procedure is None and signature is None:
        raise error(f"GIMP has no procedure named {name}.")
    texts = ("", "", "", "", "")
    kind = 0
    counts = (len(signature.params), len(signature.results)) if signature else (0, 0)
    if procedure is not None:
        about = about_of(procedure)
        texts = (about.blurb, about.help, about.author, about.copyright, about.date)
        kind = about.type
        if signature is None:
            counts = (len(procedure.get_arguments()), len(procedure.get_return_values()))
    return (*texts, kind, *counts)


def gimp_procedural_db_proc_arg(name: str, number: int) -> tuple[int, str, str]:
    signature = signatures().get(name)
    if signature is None:
        raise error(f"GIMP has no procedure named {name}.")
    kind, argument, text = declared(signature.params)[number]
    return kind, argument, text


def gimp_procedural_db_proc_val(name: str, number: int) -> tuple[int, str, str]:
    signature = signatures().get(name)
    if signature is None:
        raise error(f"GIMP has no procedure named {name}.")
    kind, result, text = declared(signature.results)[number]
    return kind, result, text
