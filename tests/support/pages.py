"""The Python in a Markdown page: modules, which have a title, and what is run with them."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["modules_of", "run_page", "section"]

BLOCK = re.compile(r'^```python(?: title="(\w+)\.py")?\n(.*?)^```', re.DOTALL | re.MULTILINE)


def modules_of(text: str) -> dict[str, str]:
    """Module name → source, of the blocks with a title."""
    return {name: source for name, source in BLOCK.findall(text) if name}


def run_page(text: str, source: str, folder: Path) -> None:
    """Write the modules into ``folder``, which must be on the path, and run the rest in order."""
    for name, module in modules_of(text).items():
        (folder / f"{name}.py").write_text(module)
    plain = "\n".join(block for name, block in BLOCK.findall(text) if not name)
    exec(compile(plain, source, "exec"), {"__name__": "page"})


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next one of its level or above; ``""``: no heading."""
    found = re.search(rf"^(#+) {re.escape(title)}(?: {{.*}})?$", text, re.MULTILINE)
    if found is None:
        return ""
    rest = text[found.end() :]
    following = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest
