"""Settings that change from pass to pass, such as `zoom=1.02 -> 1.06`."""

from __future__ import annotations

from collections.abc import Mapping

SCHEDULE = "schedule"
"""The setting that holds all of them as one text: `zoom=1.02 -> 1.06 | rotate=0 -> 5`."""
SCHEDULED = (
    *("objective", "zoom", "rotate", "shift_x", "shift_y", "step_size", "crispness"),
    *("colourfulness", "headroom", "smooth", "tv", "pull", "jitter"),
)
"""The settings that may change; the others decide on the sizes and the number of passes."""
_TO, _AND = "->", "|"


def parse_schedule(text: str) -> dict[str, list[str]]:
    """Return each setting's values in order; what is not of that form gives an empty list."""
    schedule = {}
    for part in filter(None, (part.strip() for part in text.split(_AND))):
        name, _equals, values = part.partition("=")
        stops = [stop.strip() for stop in values.split(_TO)]
        schedule[name.strip()] = stops if len(stops) > 1 and all(stops) else []
    return schedule


def write_schedule(schedule: Mapping[str, list[str]]) -> str:
    """Return the text that `parse_schedule` reads."""
    arrow, between = f" {_TO} ", f" {_AND} "
    return between.join(f"{name}={arrow.join(stops)}" for name, stops in schedule.items())


def gathered(settings: Mapping[str, object], before: str = "") -> dict[str, object]:
    """Return settings in which values with arrows are part of the schedule `before`.

    A setting with one value is no longer scheduled.
    """
    result = dict(settings)
    given = settings.get(SCHEDULE, before)
    if not isinstance(given, str):
        return result
    schedule = parse_schedule(given)
    for name in SCHEDULED:
        value = settings.get(name)
        if isinstance(value, str) and _TO in value:
            schedule[name] = [stop.strip() for stop in value.split(_TO)]
            result[name] = schedule[name][0]
        elif name in settings and SCHEDULE not in settings:
            schedule.pop(name, None)
    result[SCHEDULE] = write_schedule(schedule)
    return result
