"""What need not be typed each time: `casextract.toml` in the working directory or above it, and the environment.

An option on the command line wins over the environment, the environment over the file. Without either nothing is
imported.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from casextract.cli import messages

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

FILE_NAME = "casextract.toml"
PREFIX = "CASEXTRACT_"
NAMED = PREFIX + "CONFIG"
"""Variable that names another file."""

_PARAMETERS = {
    "inputs": "raw",
    "out": "out",
    "rules": "rules",
    "corrections": "corrections",
    "encoding": "encoding",
    "jobs": "jobs",
    "strict": "strict",
    "at_most": "most",
    "who": "who",
}
"""What a setting is called among the parameters of the commands."""

_OF_THE_DATASET = ("problems", "review", "numerals", "find")
"""Commands whose one argument is the dataset."""


def configure(ctx: typer.Context) -> None:
    """Make the settings the defaults of the commands. Settings that cannot be used end the command with 2."""
    file = found(Path.cwd())
    if file is None and not any(PREFIX + name.upper() in os.environ for name in _PARAMETERS):
        return
    given = _read(file)
    defaults = {_PARAMETERS[k]: v for k, v in given.items() if k in _PARAMETERS}
    commands = ctx.command.commands  # type: ignore[attr-defined]
    ctx.default_map = {
        name: _of(command, name, defaults)
        if not hasattr(command, "commands")
        else {n: _of(c, n, defaults) for n, c in command.commands.items()}
        for name, command in commands.items()
    }


def found(folder: Path) -> Path | None:
    """The file of settings that holds in a folder."""
    named = os.environ.get(NAMED)
    if named:
        return Path(named)
    return next((p for f in (folder, *folder.parents) if (p := f / FILE_NAME).is_file()), None)


def language_of_file() -> str | None:
    """The language that the file of settings names; None where there is none, or it cannot be read."""
    file = found(Path.cwd())
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8")) if file is not None else {}
    except (OSError, ValueError):
        return None  # told by `configure`, which reads all of it
    value = content.get("lang")
    return value if isinstance(value, str) else None


def _of(command: Any, name: str, defaults: dict[str, Any]) -> dict[str, Any]:
    known = {p.name for p in command.params}
    taken = {k: v for k, v in defaults.items() if k in known}
    if name in _OF_THE_DATASET and "out" in defaults:
        taken["dataset"] = defaults["out"]
    return taken


def _read(file: Path | None) -> dict[str, Any]:
    """The settings given, checked; relative paths of the file are meant from its folder."""
    from pydantic import ValidationError

    if file is not None and not file.is_file():
        messages.fail(f"{file}: no such file; {NAMED} names a file of settings")
    try:
        given = _model()(_file=file).model_dump(exclude_unset=True)
    except ValidationError as error:
        first = error.errors()[0]
        names = ", ".join([*_PARAMETERS, "lang"])
        where = ".".join(map(str, first["loc"]))
        messages.fail(f"{file or 'environment'}: {where}: {first['msg']}; the settings are {names}")
    except (OSError, ValueError) as error:
        messages.fail(f"{file}: not valid TOML: {error}; mend that line")
    return given


@cache
def _model() -> type[BaseSettings]:
    from typing import Annotated, Literal

    from pydantic import ValidationInfo, field_validator
    from pydantic_settings import (
        BaseSettings,
        NoDecode,
        PydanticBaseSettingsSource,
        SettingsConfigDict,
        TomlConfigSettingsSource,
    )

    class Settings(BaseSettings):
        """The settings by the names that the file and, behind CASEXTRACT_, the environment use."""

        model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", env_ignore_empty=True)

        inputs: Annotated[list[str], NoDecode] = []
        out: str | None = None
        rules: str | None = None
        corrections: str | None = None
        encoding: str | None = None
        jobs: int | None = None
        strict: bool = False
        at_most: float | None = None
        who: str | None = None
        lang: Literal["en", "zh"] | None = None

        @field_validator("inputs", mode="before")
        @classmethod
        def _listed(cls, value: Any, _: ValidationInfo) -> Any:
            return value.split(os.pathsep) if isinstance(value, str) else value

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file = init_settings.init_kwargs.pop("_file")  # type: ignore[attr-defined]
            return env_settings, *([_Relative(settings_cls, toml_file=file)] if file is not None else [])

    class _Relative(TomlConfigSettingsSource):
        """The file, its paths from its folder."""

        def __call__(self) -> dict[str, Any]:
            content = super().__call__()
            folder = Path(str(self.toml_file_path)).parent
            for name in ("inputs", "out", "rules", "corrections"):
                value = content.get(name)
                if isinstance(value, str):
                    content[name] = _from(folder, value)
                elif isinstance(value, list):
                    content[name] = [_from(folder, v) if isinstance(v, str) else v for v in value]
            return content

    return Settings


def _from(folder: Path, path: str) -> str:
    """A path of the file as the working directory sees it; an address stays what it is."""
    if "://" in path:
        return path
    whole = folder / path
    return os.path.relpath(whole) if whole.is_absolute() and not Path(path).is_absolute() else str(whole)
