"""Settings that change on the way: `zoom=1.02 -> 1.06` from pass to pass, and
`step_size=3 -> 1 over octaves` from the first octave to the last one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SCHEDULE = "schedule"
"""The setting that holds all of them as one text: `zoom=1.02 -> 1.06 | rotate=0 -> 5`."""
PASSES, OCTAVES = "passes", "octaves"
_IN_BOTH = (
    *("objective", "step_size", "crispness", "colourfulness", "headroom", "smooth", "tv"),
    *("pull", "jitter"),
)
SCHEDULED: Mapping[str, tuple[str, ...]] = {
    PASSES: (*_IN_BOTH, "zoom", "rotate", "shift_x", "shift_y"),
    OCTAVES: (*_IN_BOTH, "steps", "random_turn", "random_zoom"),
}
"""The settings that may change over each; the others decide on the sizes and the number of passes.
"""
_EVER = tuple(dict.fromkeys(name for names in SCHEDULED.values() for name in names))
_TO, _AND, _OVER = "->", "|", " over "


@dataclass(frozen=True)
class Change:
    """How a setting changes."""

    stops: tuple[str, ...]
    """Its values in order, at equal distances."""
    over: str = PASSES
    """What they are spread over: `PASSES` or `OCTAVES`."""

    @classmethod
    def parse(cls, text: str) -> Change:
        """Read values with arrows; anything else gives what `may_be_of` no setting."""
        values, over, what = text.rpartition(_OVER)
        if not over:
            values, what = text, PASSES
        return cls(tuple(stop.strip() for stop in values.split(_TO)), what.strip())

    def __str__(self) -> str:
        text = f" {_TO} ".join(self.stops)
        return text if self.over == PASSES else f"{text}{_OVER}{self.over}"

    def may_be_of(self, name: str) -> bool:
        """Return whether a setting can change like this."""
        return len(self.stops) > 1 and all(self.stops) and name in SCHEDULED.get(self.over, ())


def may_change(over: str) -> tuple[str, ...]:
    """Return the settings that may change over `PASSES` or `OCTAVES`, or at all."""
    return SCHEDULED.get(over, _EVER)


def parse_schedule(text: str) -> dict[str, Change]:
    """Return how each setting changes."""
    schedule = {}
    for part in filter(None, (part.strip() for part in text.split(_AND))):
        name, _equals, values = part.partition("=")
        schedule[name.strip()] = Change.parse(values)
    return schedule


def changes_over(what: str, schedule: str) -> dict[str, tuple[str, ...]]:
    """Return the settings that change over `PASSES` or `OCTAVES`, with their values in order."""
    changes = parse_schedule(schedule).items()
    return {name: change.stops for name, change in changes if change.over == what}


def write_schedule(schedule: Mapping[str, Change]) -> str:
    """Return the text that `parse_schedule` reads."""
    return f" {_AND} ".join(f"{name}={change}" for name, change in schedule.items())


def gathered(settings: Mapping[str, object], before: str = "") -> dict[str, object]:
    """Return settings in which values with arrows are part of the schedule `before`.

    A setting with one value is no longer scheduled.
    """
    result = dict(settings)
    given = settings.get(SCHEDULE, before)
    if not isinstance(given, str):
        return result
    schedule = parse_schedule(given)
    for name in settings:
        value = settings[name]
        if name in _EVER and isinstance(value, str) and _TO in value:
            schedule[name] = Change.parse(value)
            result[name] = schedule[name].stops[0]
        elif SCHEDULE not in settings:
            schedule.pop(name, None)
    result[SCHEDULE] = write_schedule(schedule)
    return result
