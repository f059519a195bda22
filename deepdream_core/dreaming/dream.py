"""A whole dream: a picture in, passes of the octave loop, a picture out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from deepdream_core.compute.devices import choose_device
from deepdream_core.dreaming.canvas import Canvas
from deepdream_core.dreaming.carried import Carried
from deepdream_core.dreaming.compositing import Composer, Start
from deepdream_core.dreaming.feedback import Passed, Tones, moved, moves, tones_of
from deepdream_core.dreaming.guide import guide_colours
from deepdream_core.dreaming.kept import KeptDreams, key_of
from deepdream_core.dreaming.mask import Mask, mask_of
from deepdream_core.dreaming.noise import largest_scale
from deepdream_core.dreaming.on_device import DeviceRunner, Note, dream_pass, set_up
from deepdream_core.dreaming.plain_areas import at_place, sparing_plain_areas
from deepdream_core.dreaming.progress import Keeper, ProgressTracker, Watcher
from deepdream_core.dreaming.transparency import as_seen
from deepdream_core.models.catalogue import entry_of
from deepdream_core.pictures.colour import Colours
from deepdream_core.pictures.files import read_named_picture
from deepdream_core.pictures.picture import Pixels, SourcePicture, dreamable, take, visibility
from deepdream_core.pictures.profiles import in_srgb
from deepdream_core.shared.drift import at_octave, at_pass
from deepdream_core.shared.messages import Message
from deepdream_core.shared.octaves import octave_sizes, part_to_dream
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size


def dream(
    image: Pixels,
    recipe: Recipe | None = None,
    *,
    linear: bool = False,
    mask: Pixels | None = None,
    guide: Pixels | None = None,
    whole: Pixels | None = None,
    place: Sequence[float] | None = None,
    palette: Sequence[Sequence[int]] | None = None,
    watch: Watcher | None = None,
    on_frame: Keeper | None = None,
    note: Note = lambda text: None,
    check: Callable[[], None] = lambda: None,
    composed_by: Callable[[], Recipe] | None = None,
    kept: KeptDreams | None = None,
    carried: Carried | None = None,
    passed: Passed | None = None,
    on_pass: Callable[[Passed], None] | None = None,
) -> Pixels:
    """Dream a picture and return the result in the same shape and type.

    `image`: (height, width[, channels]) with channels 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and
    alpha. uint8 and uint16 use their full range; in floats 0 is black and 1 is white, and values
    outside survive. Floats are encoded as sRGB, or linear light if `linear`. What is transparent
    stays as it is, and steers nothing.
    `mask`: (height, width), same types; how much each pixel may dream. Default: the recipe's file.
    Unless the recipe counts its octaves, only the box around the mask is dreamed, with a margin;
    motifs are sized for the box. Every picture that is returned or passed on is whole.
    `guide`: a picture of any size whose features steer the dream. Default: the recipe's file.
    `whole`: the picture of which `image` is a part, of any size; what is plain is judged by it.
    `place`: which part that is: x, y, width and height, each 0..1.
    `palette`: the only colours (0..255, up to 256) that the result may use, for float RGB pictures.
    `watch`: called after every step. It may raise `StopHere` to end the dream early with the
    result so far; any other exception is passed on.
    `on_frame`: receives the intermediate pictures that the recipe's `passes` and `keep` ask for,
    in the same form as the result.
    `note`: receives sentences for the user.
    `check`: called often, even within long steps; may raise to end the dream at once.
    `composed_by`: returns a recipe whose settings in `COMPOSING` apply from now on, except that
    the guide's colours cannot be taken later. Default: those of `recipe`.
    `kept`: where a dream of one pass is kept before it is composed. What is there already is only
    composed; of its progress, the end is reported.
    `carried`: what the dream of a whole picture begins with, and where it grows further.
    `passed`: the passes that have been dreamed earlier, from `on_pass`, which receives them after
    each pass. The others are the same as if they were dreamed now, unless a mix is balanced once.

    The same picture, recipe and seed give the same bytes on the same CPU or NVIDIA GPU; only dreams
    from noise on a GPU differ a little each time. Raises `PictureError`,
    `RecipeError`, `ObjectiveError`, `WeightsMissing`, `DeviceMissing`, `MemoryError`.
    """
    recipe = recipe or Recipe()
    picture = take(image, linear)
    mask = _picture_or_file(mask, recipe.mask)
    where = mask_of(mask, picture.size)
    guide = _picture_or_file(guide, recipe.guide)
    key = ""
    if kept is not None and recipe.passes == 1 and recipe.keep == "result":
        key = key_of(recipe, linear, (image, mask, guide, whole), place)
    part, part_recipe = part_to_dream(picture.size, where.box(), recipe)
    canvas = Canvas(picture, part)
    visible = visibility(canvas.source)
    selected = where.part(part)
    where = selected.within(visible)
    seen = as_seen(canvas.base, visible)
    if recipe.plain_areas < 1 and recipe.source != "noise":
        around = as_seen(canvas.whole, visibility(picture))
        if whole is not None:
            larger = take(whole, linear)
            around = as_seen(dreamable(larger), visibility(larger))
        spared = at_place(sparing_plain_areas(around, recipe.plain_areas), place, picture.size)
        where = where.within(spared[..., part.rows, part.columns])
    colours = _colours_to_take(guide, recipe, note)
    sizes = _octave_sizes(part.size, part_recipe, note)
    tracker = ProgressTracker(recipe, sizes, watch, on_frame)

    given = {"mask": where, "guide": guide, "source": seen}
    device = choose_device(recipe.device)

    def runner_for(recipe: Recipe, random_state: Tensor | None = None) -> DeviceRunner:
        recipes = [at_octave(recipe, octave, len(sizes)) for octave in range(len(sizes))]
        noting = {"note": note, "check": check}
        start_up = partial(set_up, recipes=recipes, random_state=random_state, **noting, **given)
        return DeviceRunner(device, start_up, note)

    runner, now, tones = runner_for(recipe, passed.random_state if passed else None), recipe, None
    source, base = canvas.source, canvas.base
    if recipe.source == "noise" or moves(recipe):
        share = 1.0 if moves(recipe) else recipe.strength
        source = _within_range(source, share, where)
    current = composed_by or (lambda: recipe)
    begun = passed.count if passed else 0
    first, result = (passed.first, passed.last) if passed else (image, picture.pixels)
    for number in range(begun, recipe.passes):
        wanted = at_pass(recipe, number)
        if wanted is not now:
            now, runner = wanted, runner_for(wanted)
        if number == 0:
            start = _first_start(base, recipe, selected, visible)
        else:
            dreamed = dreamable(canvas.cut(take(result, linear)))
            if tones is None:
                after_first = dreamable(canvas.cut(take(first, linear)))
                tones = tones_of(as_seen(after_first, visible))
            held = tones if recipe.tones == "hold" else None
            start = _next_start(base, dreamed, now, where, visible, held)
        composer = Composer(canvas, source, start, where, current, palette, colours)
        detail = kept.get(key) if kept is not None and key else None
        if detail is None:
            work = partial(dream_pass, number, start.seen, composer, tracker, now, sizes, carried)
            result, detail = runner.run(work)
            if kept is not None and key and not tracker.stopped:
                kept.put(key, detail)
        else:
            tracker.begin_pass(number, composer)
            tracker.is_there(detail)
            result = composer.result(detail)
        tracker.pass_finished(result)
        if tracker.stopped:
            break
        first = result if number == 0 else first
        if on_pass:
            on_pass(Passed(number + 1, first, result, runner.random_state()))
    should_change = recipe.steps and recipe.step_size and recipe.strength and where.lets_dream()
    if should_change and not tracker.stopped and np.array_equal(result, image):
        note(Message("nothing-grew"))
    return result


def _picture_or_file(picture: Pixels | None, file: str) -> Pixels | None:
    return in_srgb(read_named_picture(file)) if picture is None and file else picture


def _colours_to_take(guide: Pixels | None, recipe: Recipe, note: Note) -> Colours | None:
    if recipe.colour != "guide":
        return None
    if guide is None:
        note(Message("no-guide-colours"))
        return None
    return guide_colours(take(guide))


def _within_range(source: SourcePicture, share: float, mask: Mask) -> SourcePicture:
    """Return the picture with values outside 0..1 removed where a dream replaces the picture.

    `share`: how much of the picture the dream replaces, inside the mask.
    """
    pixels = source.pixels
    if not np.issubdtype(pixels.dtype, np.floating):
        return source
    beyond = (pixels - pixels.clip(0, 1)) * pixels.dtype.type(share)
    beyond[:, :, source.colours :] = 0  # opacities stay
    grade = mask.at(source.size)
    if grade is not None:
        beyond *= grade[0, 0, :, :, None].numpy()
    return replace(source, pixels=pixels - beyond)


def _first_start(base: Tensor, recipe: Recipe, selected: Mask, visible: Tensor | None) -> Start:
    initial = base
    if recipe.source == "noise":
        shown = None if visible is None else (visible > 0).float()
        initial = selected.within(shown).mix(base, torch.full_like(base, 0.5))
    return Start(base, underlay=base, initial=initial, seen=as_seen(initial, visible))


def _next_start(
    base: Tensor,
    result: Tensor,
    recipe: Recipe,
    mask: Mask,
    visible: Tensor | None,
    tones: Tones | None,
) -> Start:
    """Return the start of a pass after the first; the picture moves only inside the mask."""
    if moves(recipe):
        result = moved(as_seen(result, visible), recipe)
        result = mask.mix(base, tones.hold(result) if tones else result)
    return Start(base, underlay=result, initial=result, seen=as_seen(result, visible))


def _octave_sizes(size: Size, recipe: Recipe, note: Note) -> list[Size]:
    limit = largest_scale(size) if recipe.source == "noise" else math.inf
    sizes, dropped = octave_sizes(size, recipe, entry_of(recipe.model).smallest_side, limit)
    octaves = dropped + len(sizes)
    if dropped == 1:
        note(Message("octave-left-out", octaves=octaves))
    elif dropped:
        note(Message("octaves-left-out", dropped=dropped, octaves=octaves))
    return sizes
