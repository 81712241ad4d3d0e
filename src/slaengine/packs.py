"""Where packs lie, and how one is loaded: compiled if its files are known, read and checked otherwise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slaengine.errors import InputError
from slaengine.pack import RulePack, digest

__all__ = ["compile_pack", "content_of", "find_beside", "find_pack", "load_pack", "raw_hash", "shipped_packs"]

FORMAT = 2
"""Changes whenever the same files compile to another content."""


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
    key = f"{raw_hash(folder)}.json"
    kept = [Path(cache_dir) / key] if cache_dir else []
    for place in (shipped_root().parent / "compiled" / key, *kept):
        pack = _kept(place)
        if pack is not None:
            return pack
    content = content_of(folder)
    for place in kept:
        _write_whole(place, content)
    return RulePack.from_content(content)


def _kept(place: Path) -> RulePack | None:
    """The pack of a compiled file; nothing where there is none, or it is damaged: then it is made anew."""
    try:
        kept = json.loads(place.read_bytes())
        pack = RulePack.from_content(kept["content"])
        return pack if pack.digest == kept["digest"] else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
        return None


def compile_pack(name: str | Path, into: Path) -> Path:
    """Write the compiled form of a pack into a folder and return its path."""
    folder = find_pack(name)
    place = into / f"{raw_hash(folder)}.json"
    _write_whole(place, content_of(folder))
    return place


def content_of(folder: Path) -> dict[str, Any]:
    """The canonical content of the pack in a folder, read from its files."""
    from slaengine.authoring.read import read_pack_files  # noqa: PLC0415  # pydantic is loaded only where files are read

    return read_pack_files(folder, lambda name: find_beside(folder, name))


def raw_hash(folder: Path) -> str:
    """The fingerprint of the files of a pack and of those it extends."""
    total = hashlib.sha256(f"slaengine compiled pack {FORMAT}".encode())
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
    """The name of the pack that this one extends; most do not, and are not parsed for it."""
    try:
        text = (folder / "pack.toml").read_text(encoding="utf-8")
        if "extends" not in text:
            return ""
        import tomllib  # noqa: PLC0415  # only here

        return str(tomllib.loads(text).get("extends", ""))
    except (OSError, ValueError):
        return ""  # what is wrong with it is said, with its line, where the files are read


def find_beside(folder: Path, name: str) -> Path | None:
    """A pack that another extends lies beside it, or is a shipped one."""
    places = (folder.parent / name, shipped_root() / name)
    return next((place for place in places if (place / "pack.toml").is_file()), None)


def _write_whole(place: Path, content: dict[str, Any]) -> None:
    """The compiled form with its digest; the file appears whole or not at all."""
    import tempfile  # noqa: PLC0415  # only a pack that is compiled needs it

    text = json.dumps({"digest": digest(content), "content": content}, ensure_ascii=False, separators=(",", ":"))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, encoding="utf-8", delete=False) as file:
            file.write(text)
        Path(file.name).replace(place)
    except OSError as error:
        raise InputError(
            f"cannot keep the pack in {place.parent}: {error.strerror}", hint="choose another cache_dir"
        ) from error
