"""Lists of words and texts beside the code, as YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# libyaml's loader takes a tenth of the time, and comes with the package on all usual systems.
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def listed(module: str, name: str) -> Any:
    """Return the content of the YAML file of this name beside a module, given by its `__file__`."""
    return yaml.load(Path(module).with_name(name).read_text(encoding="utf-8"), Loader=LOADER)
