"""The basic dialog for GIMP 2.10 without PyGObject: no preview, few controls."""

from __future__ import annotations

from gimpfu import PF_OPTION, PF_SLIDER, PF_SPINNER, dialog, gimp
from gimpfu.params import Param

from deepdream_core.shared.presets import presets
from deepdream_core.shared.recipe import PARAMETERS, Value
from deepdream_plugin.choice import Choice, DialogAnswer, choice_from
from deepdream_plugin.texts import _

_SHOWN = ("strength", "motif", "steps")


def choose_in_plain_dialog(last: Choice) -> DialogAnswer | None:
    """Show the dialog; return the artist's choice, or None on Cancel."""
    known = list(presets().values())
    names = [preset.name for preset in known]
    recipe = last.recipe.as_dict()
    titles = tuple(f"{_(preset.title)}: {_(preset.description)}" for preset in known)
    params = [Param(PF_OPTION, "preset", _("_Preset"), extra=titles)]
    for name in _SHOWN:
        row = PARAMETERS[name]
        kind, step = (PF_SPINNER, 1) if row.kind == "int" else (PF_SLIDER, 0.05)
        words = (_(row.label), None, (row.low, row.high, step), _(row.help))
        params.append(Param(kind, name, *words))
    values = [names.index(last.preset), *(recipe[name] for name in _SHOWN)]
    hint = _(
        "This is the basic dialog. The full one, with a preview and pictures to choose from, needs "
        "PyGObject: install the packages python3-gi and gir1.2-gtk-3.0, then restart GIMP."
    )
    chosen = dialog.ask_values(gimp, "DeepDream", hint, params, values)
    if chosen is None:
        return None
    preset = known[int(chosen[0])]
    settings = {**dict(zip(_SHOWN, chosen[1:])), **_unasked(last)}
    return DialogAnswer(choice_from(preset.name, settings))


def _unasked(last: Choice) -> dict[str, Value]:
    """Return what the last choice says about the new layer, which this dialog does not ask."""
    output = last.output.as_settings()
    return {
        name: output[name] for name in ("again", "layer_mask", "layer_mode", "opacity", "carry")
    }
