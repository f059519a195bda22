"""Loading and saving files.

GIMP 2.10's procedures save the drawable that they are given, GIMP 3's the image as it is seen. So a
format that holds a single layer gets an image with nothing but that drawable.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gi.repository import Gimp

from gimpfu.errors import error
from gimpfu.gimp3.converted.images import single_layer
from gimpfu.gimp3.database import call_native, last_error
from gimpfu.gimp3.signatures import signatures
from gimpfu.gimp3.values import file
from gimpfu.objects.images import Image
from gimpfu.objects.items import Drawable

_OF_ONE_LAYER = frozenset(
    (
        *(
            ".png",
            ".jpg",
            ".jpeg",
            ".jpe",
            ".bmp",
            ".tga",
            ".pcx",
            ".pcc",
            ".dds",
            ".heif",
            ".heic",
        ),
        *(".avif", ".hif", ".pnm", ".ppm", ".pgm", ".pbm", ".pfm", ".pam", ".ras", ".rs", ".sgi"),
        *(
            ".rgb",
            ".rgba",
            ".bw",
            ".icon",
            ".im1",
            ".im8",
            ".im24",
            ".im32",
            ".xbm",
            ".xpm",
            ".xwd",
        ),
        *(".data", ".raw", ".fit", ".fits", ".cel", ".gbr", ".pat", ".c", ".h", ".pix", ".matte"),
        *(".mask", ".alpha", ".als"),
    )
)
"""The formats of which GIMP 2.10's own procedures saved one layer.

Formats of plug-ins get the whole image, as in GIMP 2.10.
"""


def _loader(name: str) -> Callable[[str, str], Image]:
    return lambda filename, raw_filename: call_native(name, Gimp.RunMode.NONINTERACTIVE, filename)


LOADERS: dict[str, Callable[[str, str], Image]] = {
    name: _loader(name)
    for name, signature in signatures().items()
    if name.startswith("file-")
    and [row[0] for row in signature.params] == ["run-mode", "filename", "raw-filename"]
}
"""Procedures that load a single format, as GIMP 3 has them under the same names."""


def gimp_file_load(filename: str, raw_filename: str) -> Image:
    return call_native("gimp-file-load", Gimp.RunMode.NONINTERACTIVE, filename)


def gimp_xcf_load(dummy: int, filename: str, raw_filename: str) -> Image:
    return gimp_file_load(filename, raw_filename)


def gimp_file_save(image: Image, drawable: Drawable, filename: str, raw_filename: str) -> None:
    _save(image, drawable, filename, _by_name)


def gimp_xcf_save(
    dummy: int, image: Image, drawable: Drawable, filename: str, raw_filename: str
) -> None:
    call_native("gimp-xcf-save", Gimp.RunMode.NONINTERACTIVE, image, filename)


def _by_name(image: Image, filename: str) -> None:
    target = file(filename)
    if not Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image.native, target, None):
        raise error(last_error() or f"GIMP could not save {filename}.")


def _save(
    image: Image, drawable: Drawable, filename: str, write: Callable[[Image, str], Any]
) -> None:
    """Save a drawable, or the whole image in a format with layers."""
    whole = Path(filename).suffix.lower() not in _OF_ONE_LAYER
    if whole or _shows_only(image, drawable):
        write(image, filename)
        return
    single = single_layer(image, drawable)
    try:
        write(single, filename)
    finally:
        single.delete()


def _shows_only(image: Image, drawable: Drawable) -> bool:
    """Return whether an image looks exactly like a drawable in it."""
    layers = image.layers
    return (
        len(layers) == 1
        and layers[0] == drawable
        and not layers[0].is_group
        and layers[0].mask is None
        and (drawable.width, drawable.height) == (image.width, image.height)
        and drawable.offsets == (0, 0)
        and layers[0].opacity == 100.0
        and layers[0].visible
    )


def _export(
    procedure: str, image: Image, drawable: Drawable, filename: str, **settings: Any
) -> None:
    """Save with a format's own procedure and some of its settings."""

    def write(whole: Image, path: str) -> None:
        native = Gimp.get_pdb().lookup_procedure(procedure)
        if native is None:
            raise error(f"This GIMP has no {procedure}.")
        config = native.create_config()
        config.set_property("image", whole.native)
        config.set_property("file", file(path))
        for name, value in settings.items():
            config.set_property(name.replace("_", "-"), value)
        returned = native.run(config)
        if int(returned.index(0)) != int(Gimp.PDBStatusType.SUCCESS):
            raise error(last_error() or f"GIMP could not save {path}.")

    _save(image, drawable, filename, write)


def file_png_save(
    image: Image,
    drawable: Drawable,
    filename: str,
    raw_filename: str,
    interlace: bool,
    compression: int,
    bkgd: bool,
    gama: bool,
    offs: bool,
    phys: bool,
    time: bool,
    comment: bool = False,
    svtrans: bool = True,
) -> None:
    _export(
        *("file-png-export", image, drawable, filename),
        interlaced=bool(interlace),
        compression=int(compression),
        bkgd=bool(bkgd),
        offs=bool(offs),
        phys=bool(phys),
        time=bool(time),
        include_comment=bool(comment),
        save_transparent=bool(svtrans),
    )


file_png_save2 = file_png_save


def file_png_save_defaults(
    image: Image, drawable: Drawable, filename: str, raw_filename: str
) -> None:
    _export("file-png-export", image, drawable, filename)


def file_jpeg_save(
    image: Image,
    drawable: Drawable,
    filename: str,
    raw_filename: str,
    quality: float,
    smoothing: float,
    optimize: bool,
    progressive: bool,
    comment: str,
    subsmp: int,
    baseline: bool,
    restart: int,
    dct: int,
) -> None:
    sampling = ("sub-sampling-2x2", "sub-sampling-2x1", "sub-sampling-1x1", "sub-sampling-1x2")
    _export(
        *("file-jpeg-export", image, drawable, filename),
        quality=float(quality),
        smoothing=float(smoothing),
        optimize=bool(optimize),
        progressive=bool(progressive),
        sub_sampling=sampling[subsmp],
        baseline=bool(baseline),
        restart=int(restart),
        dct=("integer", "fixed", "float")[dct],
    )


def file_tiff_save(
    image: Image,
    drawable: Drawable,
    filename: str,
    raw_filename: str,
    compression: int,
    save_transp_pixels: bool = True,
) -> None:
    compressions = ("none", "lzw", "packbits", "adobe_deflate", "jpeg", "ccittfax3", "ccittfax4")
    _export(
        *("file-tiff-export", image, drawable, filename),
        compression=compressions[compression],
        save_transparent_pixels=bool(save_transp_pixels),
    )


file_tiff_save2 = file_tiff_save


def file_tga_save(
    image: Image, drawable: Drawable, filename: str, raw_filename: str, rle: bool, origin: int
) -> None:
    place = ("top-left", "bottom-left")[bool(origin)]
    _export("file-tga-export", image, drawable, filename, rle=bool(rle), origin=place)


def file_bmp_save(
    image: Image,
    drawable: Drawable,
    filename: str,
    raw_filename: str,
    use_rle: bool = False,
    write_color_space: bool = True,
    rgb_format: int = 0,
) -> None:
    _export(
        *("file-bmp-export", image, drawable, filename),
        use_rle=bool(use_rle),
        write_color_space=bool(write_color_space),
    )


file_bmp_save2 = file_bmp_save


def file_gif_save(
    image: Image,
    drawable: Drawable,
    filename: str,
    raw_filename: str,
    interlace: bool,
    loop: bool,
    default_delay: int,
    default_dispose: int,
    as_animation: bool = True,
    force_delay: bool = False,
    force_dispose: bool = False,
) -> None:
    _export(
        *("file-gif-export", image, drawable, filename),
        interlace=bool(interlace),
        loop=bool(loop),
        default_delay=int(default_delay),
        default_dispose=("unspecified", "combine", "replace")[default_dispose],
        as_animation=bool(as_animation) and len(image.layers) > 1,
        force_delay=bool(force_delay),
        force_dispose=bool(force_dispose),
    )


file_gif_save2 = file_gif_save


def file_webp_save(
    image: Image,
    drawable: Drawable,
    filename: str,
    raw_filename: str,
    preset: int,
    lossless: bool,
    quality: float,
    alpha_quality: float,
    animation: bool = False,
    *_: Any,
) -> None:
    _export(
        *("file-webp-export", image, drawable, filename),
        lossless=bool(lossless),
        quality=float(quality),
        alpha_quality=float(alpha_quality),
        animation=bool(animation),
    )


file_webp_save2 = file_webp_save


def file_psd_save(
    image: Image,
    drawable: Drawable,
    filename: str,
    raw_filename: str,
    compression: int,
    fill_order: int,
) -> None:
    _export("file-psd-export", image, drawable, filename)
