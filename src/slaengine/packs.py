"""Where packs lie, and how one is loaded: compiled if its files are known, read and checked otherwise."""

from __future__ import annotations

import gc
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slaengine.content import compiled_form
from slaengine.errors import InputError
from slaengine.pack import RulePack
from slaengine.rule import Rule

__all__ = ["compile_pack", "content_of", "find_beside", "find_pack", "load_pack", "raw_hash", "shipped_packs"]

FORMAT = 5
"""Changes whenever the same files compile to another content."""
EXTENDS = re.compile(r'^extends = "([\w.\-]+)"[ \t]*$', re.MULTILINE)


def shipped_root() -> Path:
    """The folder of the packs that come with the package: inside an installed wheel, or beside `src` in a checkout."""
    package = Path(__file__).parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parents[1] / "rules"


def shipped_packs() -> list[str]:
    """The names of the packs that come with the package."""
    return sorted(path.parent.name for path in shipped_root().glob("*/pack.toml"))


def find_pack(name: str | Path) -> Path:
    """The folder of a pack: a path to one, or the name of a shipped one. `InputError` names what there is."""
    if not isinstance(name, str | Path):
        raise InputError(f"{name!r} names no pack", hint="give a path, or the name of a shipped one")
    for folder in (Path(name), shipped_root() / name):
        if (folder / "pack.toml").is_file():
            return folder.resolve()
    raise InputError(
        f"there is no pack {str(name)!r}",
        hint=f"give a folder with a pack.toml, or one of {', '.join(shipped_packs())}",
    )


def load_pack(name: str | Path, *, cache_dir: str | Path | None = None) -> RulePack:
    """The pack with that name, or in that folder.

    A shipped pack comes compiled with the package; another is read, checked and, where `cache_dir` says so, kept there
    in compiled form. The compiled form is found by a hash of the files, so an edited file is never overlooked.
    Raises `InputError` where there is no such pack, `RulePackError` with every fault of a broken one.
    """
    folder = find_pack(name)
    with _collector_paused():
        return _loaded(folder, cache_dir)


def _loaded(folder: Path, cache_dir: str | Path | None) -> RulePack:
    key = _file_name(folder)
    kept = [Path(cache_dir) / key] if cache_dir else []
    for place in (shipped_root().parent / "compiled" / key, *kept):
        pack = _kept(place)
        if pack is not None:
            return pack
    form = compiled_form(content_of(folder))
    for place in kept:
        _write_whole(place, form)
    return RulePack.from_compiled(form)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without it the garbage collector looks again and again through thousands of rows, none of which is garbage."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _kept(place: Path) -> RulePack | None:
    """The pack of a compiled file; nothing where there is none, or it is damaged: then it is made anew."""
    try:
        check, _, text = place.read_bytes().partition(b"\n")
        whole = hashlib.sha256(text).hexdigest() == check.decode()
        return RulePack.from_compiled(json.loads(text)) if whole else None
    except (OSError, ValueError):
        return None


def compile_pack(name: str | Path, into: Path) -> Path:
    """Write the compiled form of a pack into a folder and return its path."""
    folder = find_pack(name)
    place = into / _file_name(folder)
    _write_whole(place, compiled_form(content_of(folder)))
    return place


def _file_name(folder: Path) -> str:
    return f"{raw_hash(folder)}.pack"


def content_of(folder: Path) -> dict[str, Any]:
    """The canonical content of the pack in a folder, read from its files."""
    from slaengine.authoring.read import read_pack_files  # noqa: PLC0415  # pydantic is loaded only where files are read

    return read_pack_files(folder, lambda name: find_beside(folder, name))


def raw_hash(folder: Path) -> str:
    """The fingerprint of the files of a pack and of those it extends, and of what this release makes of them."""
    total = hashlib.sha256(f"slaengine compiled pack {FORMAT}: {' '.join(Rule.__dataclass_fields__)}".encode())
    for place in _chain(folder):
        for path in sorted(place.rglob("*")):
            inside = path.relative_to(place)
            if path.suffix in {".toml", ".csv"} and inside.parts[0] != "cases" and path.is_file():
                total.update(f"\0{inside.as_posix()}\0".encode())
                total.update(path.read_bytes())
    return total.hexdigest()


def _chain(folder: Path) -> Iterator[Path]:
    """The folder and those of the packs it extends, as far as they can be found."""
    seen: set[Path] = set()
    place: Path | None = folder
    while place is not None and place not in seen:
        yield place
        seen.add(place)
        parent = _extends(place)
        place = find_beside(folder, parent) if parent else None


def _extends(folder: Path) -> str:
    """The name of the pack that this one extends; one that says so in a plain line is not parsed for it."""
    try:
        text = (folder / "pack.toml").read_text(encoding="utf-8-sig")
        plain = EXTENDS.findall(text)
        if text.count("extends") == len(plain) < 2:
            return "".join(plain)
        import tomllib  # noqa: PLC0415  # only here

        return str(tomllib.loads(text).get("extends", ""))
    except (OSError, ValueError):
        return ""  # what is wrong with it is said, with its line, where the files are read


def find_beside(folder: Path, name: str) -> Path | None:
    """A pack that another extends lies beside it, or is a shipped one."""
    places = (folder.parent / name, shipped_root() / name)
    return next((place for place in places if (place / "pack.toml").is_file()), None)


def _write_whole(place: Path, form: dict[str, Any]) -> None:
    """A compiled form below its own sha256, by which damage shows; the file appears whole or not at all."""
    import tempfile  # noqa: PLC0415  # only a pack that is compiled needs it

    text = json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        Path(file.name).replace(place)
    except OSError as error:
        raise InputError(
            f"cannot keep the pack in {place.parent}: {error.strerror}", hint="choose another cache_dir"
        ) from error
