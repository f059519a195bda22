"""The plug-ins of GIMP 2.10 that are GEGL operations in GIMP 3.

Each is applied to the drawable at once, within the selection. What an operation is called and how
its settings follow from the old arguments is what GIMP 2.10 itself did for these names.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gimpfu.colours import RGB, ColourLike
from gimpfu.gimp3.converted.merging import apply_operation
from gimpfu.gimp3.database import call_native
from gimpfu.objects.images import Image
from gimpfu.objects.items import Drawable

_CLAMP, _LOOP, _NONE, _BLACK = "clamp", "loop", "none", "black"
_WHOLE = 255


@dataclass(frozen=True)
class Operation:
    """A GEGL operation with its settings."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Drawable] = field(default_factory=dict)
    """Further drawables, by the names of the operation's inputs."""
    raw: bool = False
    """Whether it treats the numbers of a gamma-encoded drawable as if they were linear."""


Rule = Callable[..., Operation]


def _operation(name: str, *names: str, raw: bool = False, **fixed: Any) -> Rule:
    """Return the rule for an operation whose settings are the old arguments, under new names."""

    def rule(drawable: Drawable, *values: Any) -> Operation:
        given = {new: value for new, value in zip(names, values) if new}
        return Operation(name, {**given, **_dashed(fixed)}, raw=raw)

    return rule


def _dashed(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in settings.items()}


def _blur(horizontal: float, vertical: float) -> Operation:
    # 0.32 is what GIMP 2.10 multiplies the radius with.
    sizes = {"std-dev-x": horizontal * 0.32, "std-dev-y": vertical * 0.32}
    return Operation("gegl:gaussian-blur", {**sizes, "abyss-policy": _CLAMP}, raw=True)


def _gauss(drawable: Drawable, horizontal: float, vertical: float, method: int = 0) -> Operation:
    return _blur(horizontal, vertical)


def _gauss_radius(drawable: Drawable, radius: float, horizontal: bool, vertical: bool) -> Operation:
    return _blur(radius if horizontal else 0.0, radius if vertical else 0.0)


def _bump_map(tiled: bool) -> Rule:
    def rule(
        drawable: Drawable,
        bumpmap: Drawable,
        azimuth: float,
        elevation: float,
        depth: int,
        xofs: int,
        yofs: int,
        waterlevel: float,
        ambient: float,
        compensate: bool,
        invert: bool,
        kind: int,
    ) -> Operation:
        settings = {
            **{"azimuth": azimuth, "elevation": elevation, "depth": depth},
            **{"offset-x": xofs, "offset-y": yofs, "waterlevel": waterlevel},
            **{"ambient": ambient, "compensate": compensate, "invert": invert},
            **{"type": kind, "tiled": tiled},
        }
        return Operation("gegl:bump-map", settings, {"aux": bumpmap})

    return rule


def _displace(polar: bool) -> Rule:
    def rule(
        drawable: Drawable,
        amount_x: float,
        amount_y: float,
        do_x: bool,
        do_y: bool,
        map_x: Drawable,
        map_y: Drawable,
        kind: int,
    ) -> Operation:
        inputs = {}
        if do_x:
            inputs["aux"] = map_x
        if do_y:
            inputs["aux2"] = map_y
        settings = {
            **{"displace-mode": int(polar), "sampler-type": "cubic"},
            **{"abyss-policy": {1: _LOOP, 2: _CLAMP, 3: _BLACK}.get(kind, _NONE)},
            **{"amount-x": amount_x, "amount-y": amount_y},
        }
        return Operation("gegl:displace", settings, inputs)

    return rule


def _alien_map(
    drawable: Drawable,
    red_frequency: float,
    red_angle: float,
    green_frequency: float,
    green_angle: float,
    blue_frequency: float,
    blue_angle: float,
    model: int,
    red_mode: bool,
    green_mode: bool,
    blue_mode: bool,
) -> Operation:
    settings: dict[str, Any] = {"color-model": model}
    channels = zip(
        (red_frequency, green_frequency, blue_frequency),
        (red_angle, green_angle, blue_angle),
        (red_mode, green_mode, blue_mode),
    )
    for i, (frequency, angle, mode) in enumerate(channels, 1):
        settings[f"cpn-{i}-frequency"] = frequency
        settings[f"cpn-{i}-phaseshift"] = angle
        settings[f"cpn-{i}-keep"] = not mode
    return Operation("gegl:alien-map", settings)


def _apply_lens(
    drawable: Drawable,
    refraction: float,
    keep_surroundings: bool,
    set_background: bool,
    set_transparent: bool,
) -> Operation:
    nothing = RGB(0.0, 0.0, 0.0, 0.0)
    background = call_native("gimp-context-get-background") if set_background else nothing
    settings = {
        **{"refraction-index": refraction, "keep-surroundings": keep_surroundings},
        **{"background-color": background},
    }
    return Operation("gegl:apply-lens", settings)


def _channel_mixer(drawable: Drawable, monochrome: bool, *gains: float) -> Operation:
    if monochrome:
        return Operation("gegl:mono-mixer", dict(zip(("red", "green", "blue"), gains)))
    names = [f"{to}{source}-gain" for to in "rgb" for source in "rgb"]
    return Operation("gegl:channel-mixer", dict(zip(names, gains)))


def _convolution(
    drawable: Drawable,
    count: int,
    matrix: Sequence[float],
    alpha_weight: bool,
    divisor: float,
    offset: float,
    channel_count: int,
    channels: Sequence[int],
    border: int,
) -> Operation:
    settings: dict[str, Any] = {
        f"{row}{column}": matrix[5 * i + column - 1]
        for i, row in enumerate("abcde")
        for column in range(1, 6)
    }
    grey, red, green, blue, alpha = map(bool, channels)
    if drawable.is_gray:
        red = green = blue = grey
    settings.update(red=red, green=green, blue=blue, alpha=alpha, divisor=divisor, offset=offset)
    settings["normalize"] = False
    settings["alpha-weight"] = alpha_weight
    settings["border"] = (_CLAMP, _LOOP, _NONE)[border]
    return Operation("gegl:convolution-matrix", settings, raw=True)


def _cubism(
    drawable: Drawable, tile_size: float, saturation: float, with_background: bool
) -> Operation:
    colour = RGB(0.0, 0.0, 0.0, 0.0)
    if with_background:
        colour = RGB(*call_native("gimp-context-get-background").parts()[:3], 0.0)
    settings = {"tile-size": tile_size, "tile-saturation": saturation, "bg-color": colour}
    return Operation("gegl:cubism", settings)


def _deinterlace(drawable: Drawable, even_odd: int) -> Operation:
    settings = {"keep": 0 if even_odd else 1, "orientation": "horizontal", "size": 1}
    return Operation("gegl:deinterlace", settings, raw=True)


def _size(drawable: Drawable) -> dict[str, int]:
    """Return the size of the selected part."""
    _, _, width, height = drawable.selected_part() or (0, 0, drawable.width, drawable.height)
    return {"width": width, "height": height}


def _diffraction(drawable: Drawable, *values: float) -> Operation:
    names = [f"{colour}-{what}" for what in ("frequency", "contours", "sedges")
             for colour in ("red", "green", "blue")]  # fmt: skip
    names += ["brightness", "scattering", "polarization"]
    return Operation("gegl:diffraction-patterns", {**dict(zip(names, values)), **_size(drawable)})


def _edge(drawable: Drawable, amount: float, warp_mode: int, edge_mode: int) -> Operation:
    border = (_NONE, _LOOP, _CLAMP, _BLACK)[min(warp_mode, 3)]
    settings = {"algorithm": edge_mode, "amount": amount, "border-behavior": border}
    return Operation("gegl:edge", settings)


def _emboss(
    drawable: Drawable, azimuth: float, elevation: float, depth: int, emboss: bool
) -> Operation:
    settings = {"azimuth": azimuth, "elevation": elevation, "depth": depth}
    return Operation(
        "gegl:emboss", {**settings, "type": "emboss" if emboss else "bumpmap"}, raw=True
    )


def _difference(
    drawable: Drawable, inner: float, outer: float, normalize: bool, invert: bool
) -> Operation:
    # The old plug-in's radius is where a Gaussian falls below 1/255, and one pixel more.
    share = 1 / math.sqrt(2 * math.log(255))
    settings = {"radius1": (inner + 1) * share, "radius2": (outer + 1) * share}
    return Operation("gegl:difference-of-gaussians", settings, raw=True)


def _exchange(drawable: Drawable, *values: int) -> Operation:
    settings: dict[str, Any] = {"from-color": RGB(*values[:3]), "to-color": RGB(*values[3:6])}
    for name, threshold in zip(("red", "green", "blue"), values[6:9]):
        settings[f"{name}-threshold"] = threshold / _WHOLE
    return Operation("gegl:color-exchange", settings)


def _lens_flare(drawable: Drawable, x: int, y: int) -> Operation:
    place = {"pos-x": x / drawable.width, "pos-y": y / drawable.height}
    return Operation("gegl:lens-flare", place)


def _hsv_noise(
    drawable: Drawable, holdness: int, hue: int, saturation: int, value: int
) -> Operation:
    settings = {
        **{"holdness": holdness, "hue-distance": float(hue), "seed": _seed()},
        **{"saturation-distance": saturation / _WHOLE, "value-distance": value / _WHOLE},
    }
    return Operation("gegl:noise-hsv", settings)


def _seed() -> int:
    return random.randrange(2**31)


def _lens_distortion(
    drawable: Drawable,
    offset_x: float,
    offset_y: float,
    main_adjust: float,
    edge_adjust: float,
    rescale: float,
    brighten: float,
) -> Operation:
    background = call_native("gimp-context-get-background").parts()[:3]
    settings = {
        **{"main": main_adjust, "edge": edge_adjust, "zoom": rescale, "brighten": brighten},
        **{"x-shift": offset_x, "y-shift": offset_y},
        **{"background": RGB(*background, 0.0 if drawable.has_alpha else 1.0)},
    }
    return Operation("gegl:lens-distortion", settings)


def _maze(
    drawable: Drawable, width: int, height: int, tileable: bool, algorithm: int, seed: int, *_: Any
) -> Operation:
    settings = {
        **{"x": width, "y": height, "tileable": tileable, "algorithm-type": algorithm},
        **{"seed": seed, "fg-color": call_native("gimp-context-get-foreground")},
        **{"bg-color": call_native("gimp-context-get-background")},
    }
    return Operation("gegl:maze", settings)


def _motion_blur(inward: bool) -> Rule:
    def rule(
        drawable: Drawable, kind: int, length: float, angle: float, x: float, y: float
    ) -> Operation:
        centre = {"center-x": x / drawable.width, "center-y": y / drawable.height}
        if not inward and angle > 180:
            angle -= 360
        if kind == 0:
            return Operation("gegl:motion-blur-linear", {"length": length, "angle": angle})
        if kind == 1:
            return Operation("gegl:motion-blur-circular", {**centre, "angle": angle})
        factor = length / 256
        if inward:
            factor = max(-10.0, -length / (256 - length)) if length < 256 else -10.0
        return Operation("gegl:motion-blur-zoom", {**centre, "factor": min(1.0, factor)})

    return rule


def _mosaic(
    drawable: Drawable,
    tile_size: float,
    tile_height: float,
    tile_spacing: float,
    tile_neatness: float,
    allow_split: bool,
    light_direction: float,
    colour_variation: float,
    antialiasing: bool,
    averaging: bool,
    tile_type: int,
    tile_surface: int,
    grout_colour: int,
) -> Operation:
    light, joints = RGB(1.0, 1.0, 1.0), RGB(0.0, 0.0, 0.0)
    if grout_colour:
        light = call_native("gimp-context-get-foreground")
        joints = call_native("gimp-context-get-background")
    settings = {
        **{"tile-size": tile_size, "tile-height": tile_height, "tile-spacing": tile_spacing},
        **{"tile-neatness": tile_neatness, "tile-allow-split": allow_split},
        **{"light-dir": light_direction, "color-variation": colour_variation},
        **{"antialiasing": antialiasing, "color-averaging": averaging, "tile-type": tile_type},
        **{"tile-surface": bool(tile_surface), "light-color": light, "joints-color": joints},
    }
    return Operation("gegl:mosaic", settings)


def _newsprint(
    drawable: Drawable,
    cell_width: int,
    colour_space: int,
    k_pullout: int,
    grey_angle: float,
    grey_spot: int,
    red_angle: float,
    red_spot: int,
    green_angle: float,
    green_spot: int,
    blue_angle: float,
    blue_spot: int,
    oversample: int,
) -> Operation:
    settings: dict[str, Any] = {
        **{"color-model": {0: 1, 1: 2, 2: 3, 3: 1}.get(colour_space, 2)},
        **{"black-pullout": k_pullout / 100, "aa-samples": oversample},
    }
    inks = ((grey_angle, grey_spot), (red_angle, red_spot))
    inks += ((green_angle, green_spot), (blue_angle, blue_spot))
    for suffix, (angle, spot) in zip(("", "2", "3", "4"), inks):
        settings[f"period{suffix}"] = float(cell_width)
        settings[f"angle{suffix}"] = (angle + 180) % 360 - 180
        settings[f"pattern{suffix}"] = {0: 1, 1: 0, 2: 2, 3: 4, 4: 2}.get(spot, 1)
    return Operation("gegl:newsprint", settings, raw=True)


def _supernova(
    drawable: Drawable, x: int, y: int, color: ColourLike, radius: int, spokes: int, hue: int
) -> Operation:
    settings = {
        **{"center-x": x / drawable.width, "center-y": y / drawable.height, "color": color},
        **{"radius": radius, "spokes-count": spokes, "random-hue": hue, "seed": _seed()},
    }
    return Operation("gegl:supernova", settings)


def _oilify(drawable: Drawable, mask_size: int, mode: int) -> Operation:
    settings = {"mask-radius": max(1, mask_size // 2), "use-inten": bool(mode)}
    return Operation("gegl:oilify", settings)


def _oilify_enhanced(
    drawable: Drawable,
    mode: int,
    mask_size: int,
    mask_size_map: Drawable | None,
    exponent: int,
    exponent_map: Drawable | None,
) -> Operation:
    settings = {
        **{"mask-radius": max(1, mask_size // 2), "use-inten": bool(mode)},
        **{"exponent": exponent},
    }
    maps = {"aux": mask_size_map, "aux2": exponent_map}
    return Operation("gegl:oilify", settings, {k: v for k, v in maps.items() if v})


def _paper_tile(
    drawable: Drawable,
    tile_size: int,
    move_max: float,
    fractional_type: int,
    wrap_around: bool,
    centering: bool,
    background_type: int,
    background: ColourLike,
    background_alpha: int = 1,
) -> Operation:
    colours: dict[int, Callable[[], ColourLike]] = {
        3: lambda: call_native("gimp-context-get-foreground"),
        4: lambda: call_native("gimp-context-get-background"),
        5: lambda: background,
    }
    colour = colours.get(background_type, lambda: RGB(0.0, 0.0, 1.0))()
    settings = {
        **{"tile-width": tile_size, "tile-height": tile_size, "move-rate": move_max},
        **{"bg-color": colour, "centering": centering, "wrap-around": wrap_around},
        **{"background-type": min(background_type, 3), "fractional-type": fractional_type},
    }
    return Operation("gegl:tile-paper", settings)


def _plasma(drawable: Drawable, seed: int, turbulence: float) -> Operation:
    x, y, *_ = drawable.selected_part() or (0, 0)
    settings = {"seed": seed % 2**32, "turbulence": turbulence, "x": x, "y": y}
    return Operation("gegl:plasma", {**settings, **_size(drawable)})


def _random(operation: str) -> Rule:
    def rule(
        drawable: Drawable, percent: float, repeat: float, randomize: bool, seed: int
    ) -> Operation:
        seed = _seed() if randomize else seed
        settings = {"seed": seed % 2**32, "pct-random": percent, "repeat": int(repeat)}
        return Operation(operation, settings)

    return rule


def _red_eye(drawable: Drawable, threshold: int) -> Operation:
    return Operation("gegl:red-eye-removal", {"threshold": (threshold - 50) / 250 + 0.4})


def _rgb_noise(
    drawable: Drawable, independent: bool, correlated: bool, *amounts: float
) -> Operation:
    red, green, blue, alpha = amounts
    if drawable.is_gray:
        red, green, blue, alpha = amounts[0], amounts[0], amounts[0], amounts[1]
    settings = {
        **{"independent": independent, "correlated": correlated, "seed": _seed()},
        **{"red": red, "green": green, "blue": blue, "alpha": alpha, "gaussian": True},
    }
    return Operation("gegl:noise-rgb", settings, raw=True)


def _noisify(drawable: Drawable, independent: bool, *amounts: float) -> Operation:
    return _rgb_noise(drawable, independent, False, *amounts)


def _ripple(
    drawable: Drawable,
    period: int,
    amplitude: int,
    orientation: int,
    edges: int,
    waveform: int,
    antialias: bool,
    tile: bool,
) -> Operation:
    phi = 0.0 if waveform else 0.75
    if orientation == 0 and waveform == 1:
        phi = 0.5
    settings = {
        **{"amplitude": float(amplitude), "period": float(period), "phi": phi},
        **{"angle": 0.0 if orientation else 90.0, "tileable": tile},
        **{"sampler-type": "cubic" if antialias else "nearest"},
        **{"wave-type": 0 if waveform else 1},
        **{"abyss-policy": (_CLAMP, _LOOP, _NONE)[edges]},
    }
    return Operation("gegl:ripple", settings)


def _selective_gauss(drawable: Drawable, radius: float, max_delta: int) -> Operation:
    settings = {"blur-radius": radius, "max-delta": max_delta / _WHOLE}
    return Operation("gegl:gaussian-blur-selective", settings)


def _semi_flatten(drawable: Drawable) -> Operation:
    colour = call_native("gimp-context-get-background")
    return Operation("gimp:semi-flatten", {"color": colour})


def _shift(drawable: Drawable, amount: int, orientation: int) -> Operation:
    settings = {"shift": amount // 2, "direction": 0 if orientation else 1, "seed": _seed()}
    return Operation("gegl:shift", settings)


def _sinus(
    drawable: Drawable,
    x_scale: float,
    y_scale: float,
    complexity: float,
    seed: int,
    tiling: bool,
    perturb: bool,
    colors: int,
    color1: RGB,
    color2: RGB,
    alpha1: float,
    alpha2: float,
    blend: int,
    blend_power: float,
) -> Operation:
    if colors == 0:
        color1, color2 = RGB(0.0, 0.0, 0.0), RGB(1.0, 1.0, 1.0)
    elif colors == 1:
        color1 = call_native("gimp-context-get-foreground")
        color2 = call_native("gimp-context-get-background")
    settings = {
        **{"x-scale": x_scale, "y-scale": y_scale, "complexity": complexity},
        **{"seed": seed % 2**32, "tiling": tiling, "perturbation": perturb},
        **{"color1": RGB(*RGB.parts(color1)[:3], alpha1)},
        **{"color2": RGB(*RGB.parts(color2)[:3], alpha2)},
        **{"blend-mode": blend, "blend-power": blend_power},
    }
    return Operation("gegl:sinus", {**settings, **_size(drawable)})


def _solid_noise(
    drawable: Drawable,
    tileable: bool,
    turbulent: bool,
    seed: int,
    detail: int,
    x_size: float,
    y_size: float,
) -> Operation:
    settings = {
        **{"x-size": x_size, "y-size": y_size, "detail": detail, "tileable": tileable},
        **{"turbulent": turbulent, "seed": seed % 2**32},
    }
    return Operation("gegl:noise-solid", {**settings, **_size(drawable)})


def _spread(drawable: Drawable, amount_x: float, amount_y: float) -> Operation:
    settings = {"amount-x": int(amount_x), "amount-y": int(amount_y), "seed": _seed()}
    return Operation("gegl:noise-spread", settings)


def _threshold_alpha(drawable: Drawable, threshold: int) -> Operation:
    return Operation("gimp:threshold-alpha", {"value": threshold / _WHOLE})


def _unsharp_mask(drawable: Drawable, radius: float, amount: float, threshold: int) -> Operation:
    settings = {"std-dev": radius, "scale": amount, "threshold": threshold / _WHOLE}
    return Operation("gegl:unsharp-mask", settings)


def _propagate(
    drawable: Drawable,
    mode: int,
    channels: int,
    rate: float,
    directions: int,
    lower: int,
    upper: int,
) -> Operation:
    settings: dict[str, Any] = {
        **{"mode": {0: 0, 1: 1, 2: 2, 3: 4, 4: 4, 5: 4, 6: 5, 7: 6}[mode], "rate": rate},
        **{"lower-threshold": lower / _WHOLE, "upper-threshold": upper / _WHOLE},
        **{"value": bool(channels & 1), "alpha": bool(channels & 2)},
    }
    for bit, name in enumerate(("left", "top", "right", "bottom")):
        settings[name] = bool(directions & 1 << bit)
    if mode in (3, 4, 5):
        which = "background" if mode == 3 else "foreground"
        settings["color"] = call_native(f"gimp-context-get-{which}")
    return Operation("gegl:value-propagate", settings)


def _spreading(mode: int) -> Rule:
    """Return the rule for dilating (0) or eroding (1)."""
    return lambda drawable, *_: _propagate(drawable, mode, 1, 1.0, 15, 0, _WHOLE)


def _waves(
    drawable: Drawable, amplitude: float, phase: float, wavelength: float, smear: bool, *_: Any
) -> Operation:
    settings = {
        **{"x": 0.5, "y": 0.5, "amplitude": amplitude, "period": wavelength * 2},
        **{"phi": (phase % 360 - 180) / 180, "clamp": not smear},
        **{"aspect": min(10.0, max(0.1, drawable.width / drawable.height))},
    }
    return Operation("gegl:waves", settings)


def _sharpen(drawable: Drawable, percent: int) -> Operation:
    """Sharpen with a matrix that comes close to the old plug-in, which was not a GEGL operation."""
    weight = 800 / (100 - min(99, percent))
    matrix = [0.0] * 25
    for i in (6, 7, 8, 11, 13, 16, 17, 18):
        matrix[i] = -(weight - 8) / 64
    matrix[12] = weight / 8
    return _convolution(drawable, 25, matrix, False, 1.0, 0.0, 5, (1, 1, 1, 1, 0), 0)


RULES: dict[str, Rule] = {
    "plug-in-alienmap2": _alien_map,
    "plug-in-antialias": _operation("gegl:antialias"),
    "plug-in-apply-canvas": _operation("gegl:texturize-canvas", "direction", "depth"),
    "plug-in-applylens": _apply_lens,
    "plug-in-autostretch-hsv": _operation("gegl:stretch-contrast-hsv"),
    "plug-in-blur": _operation("gegl:box-blur", radius=1),
    "plug-in-bump-map": _bump_map(False),
    "plug-in-bump-map-tiled": _bump_map(True),
    "plug-in-c-astretch": _operation("gegl:stretch-contrast", keep_colors=False),
    "plug-in-cartoon": _operation("gegl:cartoon", "mask-radius", "pct-black", raw=True),
    "plug-in-color-enhance": _operation("gegl:color-enhance", raw=True),
    "plug-in-colors-channel-mixer": _channel_mixer,
    "plug-in-convmatrix": _convolution,
    "plug-in-cubism": _cubism,
    "plug-in-deinterlace": _deinterlace,
    "plug-in-diffraction": _diffraction,
    "plug-in-dilate": _spreading(0),
    "plug-in-displace": _displace(False),
    "plug-in-displace-polar": _displace(True),
    "plug-in-dog": _difference,
    "plug-in-edge": _edge,
    "plug-in-emboss": _emboss,
    "plug-in-engrave": _operation("gegl:engrave", "row-height", "limit"),
    "plug-in-erode": _spreading(1),
    "plug-in-exchange": _exchange,
    "plug-in-flarefx": _lens_flare,
    "plug-in-gauss": _gauss,
    "plug-in-gauss-iir": _gauss_radius,
    "plug-in-gauss-iir2": _gauss,
    "plug-in-gauss-rle": _gauss_radius,
    "plug-in-gauss-rle2": _gauss,
    "plug-in-glasstile": _operation("gegl:tile-glass", "tile-width", "tile-height"),
    "plug-in-hsv-noise": _hsv_noise,
    "plug-in-illusion": _operation("gegl:illusion", "division", "illusion-type"),
    "plug-in-laplace": _operation("gegl:edge-laplace"),
    "plug-in-lens-distortion": _lens_distortion,
    "plug-in-make-seamless": _operation("gegl:tile-seamless"),
    "plug-in-maze": _maze,
    "plug-in-mblur": _motion_blur(False),
    "plug-in-mblur-inward": _motion_blur(True),
    "plug-in-median-blur": _operation("gegl:median-blur", "radius", "percentile"),
    "plug-in-mosaic": _mosaic,
    "plug-in-neon": _operation("gegl:edge-neon", "radius", "amount"),
    "plug-in-newsprint": _newsprint,
    "plug-in-noisify": _noisify,
    "plug-in-normalize": _operation("gegl:stretch-contrast", keep_colors=True, perceptual=True),
    "plug-in-nova": _supernova,
    "plug-in-oilify": _oilify,
    "plug-in-oilify-enhanced": _oilify_enhanced,
    "plug-in-papertile": _paper_tile,
    "plug-in-photocopy": _operation(
        "gegl:photocopy", "mask-radius", "sharpness", "black", "white", raw=True
    ),
    "plug-in-pixelize": lambda drawable, width: Operation(
        "gegl:pixelize", {"size-x": width, "size-y": width}
    ),
    "plug-in-pixelize2": _operation("gegl:pixelize", "size-x", "size-y"),
    "plug-in-plasma": _plasma,
    "plug-in-polar-coords": _operation(
        "gegl:polar-coordinates", "depth", "angle", "bw", "top", "polar"
    ),
    "plug-in-randomize-hurl": _random("gegl:noise-hurl"),
    "plug-in-randomize-pick": _random("gegl:noise-pick"),
    "plug-in-randomize-slur": _random("gegl:noise-slur"),
    "plug-in-red-eye-removal": _red_eye,
    "plug-in-rgb-noise": _rgb_noise,
    "plug-in-ripple": _ripple,
    "plug-in-sel-gauss": _selective_gauss,
    "plug-in-semiflatten": _semi_flatten,
    "plug-in-sharpen": _sharpen,
    "plug-in-shift": _shift,
    "plug-in-sinus": _sinus,
    "plug-in-sobel": _operation("gegl:edge-sobel", "horizontal", "vertical", "keep-sign", raw=True),
    "plug-in-softglow": _operation("gegl:softglow", "glow-radius", "brightness", "sharpness"),
    "plug-in-solid-noise": _solid_noise,
    "plug-in-spread": _spread,
    "plug-in-threshold-alpha": _threshold_alpha,
    "plug-in-unsharp-mask": _unsharp_mask,
    "plug-in-video": _operation("gegl:video-degradation", "pattern", "additive", "rotated"),
    "plug-in-vinvert": _operation("gegl:value-invert"),
    "plug-in-vpropagate": _propagate,
    "plug-in-waves": _waves,
    "plug-in-whirl-pinch": _operation("gegl:whirl-pinch", "whirl", "pinch", "radius"),
    "plug-in-wind": _operation("gegl:wind", "threshold", "direction", "strength", "style", "edge"),
}
"""By the name of the plug-in: which operation it is, for a drawable and the other arguments."""


def _filter(rule: Rule) -> Callable[..., None]:
    def run(image: Image, drawable: Drawable, *values: Any) -> None:
        operation = rule(drawable, *values)
        apply_operation(
            *(drawable, operation.name, operation.settings, operation.inputs),
            raw=operation.raw,
        )

    return run


FILTERS: dict[str, Callable[..., None]] = {name: _filter(rule) for name, rule in RULES.items()}
"""By the name of the plug-in: the function that takes its arguments."""
