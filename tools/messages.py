"""The Dutch catalogues: collect texts from code and templates, compile them, and check that none is missing.

Babel does it, so no gettext tools are needed. Each app owns <app>/locale/nl/LC_MESSAGES/django.po; English is
the language of the code and needs no catalogue. A djangojs.po is written by hand: texts of packages' scripts.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tools.bootstrap import ROOT, Refusal

KERNEL = "cms"
# Folders of templates that allauth names and our app fills.
FILLED_BY = {"account": "accounts", "mfa": "accounts"}
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
# No dates and no tool's name: a catalogue changes when a text does.
HEADER = r"""msgid ""
msgstr ""
"Language: nl\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|(?<!%)%[sd]|\{\w*\}")

Key = tuple[str, str | None]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("action", choices=("update", "compile", "check"))
    options = arguments.parse_args()
    os.chdir(ROOT)
    try:
        if options.action == "update":
            update()
        elif options.action == "compile":
            compile_all()
        elif problems := list(check()):
            sys.exit(
                "\n".join(problems) + "\n\nRun `make messages`, then fill in what is empty in the .po files."
            )
    except Refusal as refusal:
        sys.exit(str(refusal))


def update() -> None:
    """Bring each catalogue in line with the texts in use; what is no longer used goes.

    A text that another app has translated already gets that translation, because it can have only one.
    """
    catalogues = collect()
    known = {app: read(app) for app in catalogues}
    elsewhere = {
        key(message): message
        for catalogue in known.values()
        for message in catalogue
        if message.id and is_translated(message) and not message.fuzzy
    }
    for app, used in catalogues.items():
        for message in used:
            old = known[app].get(message.id, message.context) if message.id else None
            if old is None or not is_translated(old):
                old = elsewhere.get(key(message), old) if message.id else None
            if old is not None and old.pluralizable == message.pluralizable:
                message.string = old.string
                message.user_comments = old.user_comments
                message.flags |= old.flags & {"fuzzy"}
        path = catalogue_of(app)
        if not len(used):
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        text = BytesIO()
        write_po(text, used, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
        path.write_text(HEADER + "\n" + text.getvalue().decode().strip() + "\n")
        missing = sum(not is_translated(message) for message in used if message.id)
        print(f"{path}: {len(used)} texts" + (f", {missing} without a translation" if missing else ""))


def compile_all() -> None:
    """Write the .mo beside each .po that is newer."""
    for path in sorted(ROOT.glob("*/locale/nl/LC_MESSAGES/django*.po")):
        compiled = path.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns > path.stat().st_mtime_ns:
            continue
        # Written aside and moved: a server that starts now never reads half a file.
        aside = compiled.with_suffix(f".{os.getpid()}")
        with aside.open("wb") as out:
            write_mo(out, parse(path))
        aside.replace(compiled)


def check() -> Iterator[str]:
    """Say what is missing, stale, fuzzy, contradictory or has other placeholders than its original."""
    translations: dict[Key, tuple[str, object]] = {}
    for app, used in sorted(collect().items()):
        known = {key(message): message for message in read(app) if message.id}
        wanted = {key(message): message for message in used if message.id}
        path = catalogue_of(app)
        for name in sorted(wanted.keys() - known.keys(), key=str):
            yield f"{path}: missing {name[0]!r} (used in {wanted[name].locations[0][0]})"
        for name in sorted(known.keys() - wanted.keys(), key=str):
            yield f"{path}: no longer used {name[0]!r}"
        for name in sorted(known.keys() & wanted.keys(), key=str):
            message = known[name]
            if message.fuzzy:
                yield f"{path}: fuzzy {name[0]!r}"
            elif not is_translated(message):
                yield f"{path}: without a translation {name[0]!r}"
            elif not same_placeholders(message):
                yield f"{path}: other placeholders than the original {name[0]!r}"
            # Django merges all catalogues into one, so the first app would decide for the others.
            if not is_translated(message):
                continue
            other_app, other = translations.setdefault(name, (app, message.string))
            if other != message.string:
                yield f"{path}: {name[0]!r} has another translation in {other_app}: give it a context"


def is_translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def same_placeholders(message: Message) -> bool:
    """Whether a translation can be filled in; a singular may leave the number out ("one place")."""
    if isinstance(message.id, str):
        return placeholders(message.id) == placeholders(str(message.string))
    singular, plural = map(placeholders, message.id)
    forms = [placeholders(form) for form in message.string or ()]
    return all(form <= singular | plural for form in forms) and forms[-1] == plural


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def key(message: Message) -> Key:
    return (message.id if isinstance(message.id, str) else message.id[0]), message.context


def collect() -> dict[str, Catalog]:
    """The texts in use, by the app that owns them."""
    catalogues: dict[str, Catalog] = {}
    for path in sources():
        app = owner_of(path)
        catalogue = catalogues.setdefault(app, Catalog(locale="nl", fuzzy=False))
        for _line, text, comments, context in texts_in(path):
            catalogue.add(text, locations=[(str(path), 0)], auto_comments=comments, context=context)
    return catalogues


def sources() -> list[Path]:
    """Python files and templates that git knows or would add, without migrations and tests."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    apps = {path.parent.name for path in Path().glob("*/apps.py")}
    found = []
    for path in map(Path, sorted(set(listed) - {""})):
        is_template = "templates" in path.parts[:2]
        is_code = path.suffix == ".py" and path.parts[0] in apps and "migrations" not in path.parts
        if (is_template or is_code) and path.is_file():
            found.append(path)
    return found


def owner_of(path: Path) -> str:
    """The app whose catalogue holds the texts of this file; what several share belongs to the kernel."""
    if path.parts[0] != "templates":
        return path.parts[0]
    for part in (FILLED_BY.get(part, part) for part in path.parts[1:3]):
        if Path(part, "apps.py").exists():
            return part
    return KERNEL


def texts_in(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    source = path.read_text()
    if path.suffix != ".py":
        # Turned into Python calls amid blanked-out text; the indentation left over means nothing.
        source = "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())
    try:
        yield from extract(
            "python", BytesIO(source.encode()), KEYWORDS, ("Translators:",), {"encoding": "utf-8"}
        )
    except SyntaxError as error:
        raise Refusal(f"{path}: {error}") from error


def read(app: str) -> Catalog:
    path = catalogue_of(app)
    return parse(path) if path.exists() else Catalog(locale="nl")


def parse(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="nl", abort_invalid=True)


def catalogue_of(app: str) -> Path:
    return Path(app, "locale", "nl", "LC_MESSAGES", "django.po")


if __name__ == "__main__":
    main()
