"""What GIMP tells about itself, the progress bar, and displays."""

from __future__ import annotations

from collections.abc import Sequence

from gi.repository import Gimp

from gimpfu import registry
from gimpfu.errors import error
from gimpfu.gimp3.database import call_native
from gimpfu.gimp3.parasites import native_parasite, parasite_from
from gimpfu.objects.handles import checked
from gimpfu.objects.images import NO_DISPLAY, Display, Image
from gimpfu.objects.parasites import Parasite

Bytes = tuple[int, tuple[int, ...]]


def gimp_progress_init(message: str, display: Display | None) -> None:
    Gimp.progress_init(message or "")


def gimp_progress_update(percentage: float) -> None:
    Gimp.progress_update(percentage)


def gimp_display_new(image: Image) -> Display | None:
    """Open a display; return None where GIMP has no windows, so that batch jobs go on."""
    try:
        return Display.reference(Gimp.Display.new(image.native).get_id())
    except TypeError:
        return None


def gimp_display_delete(display: Display | None) -> None:
    """Close a display, if it is one: see `gimp_display_new`."""
    if display and display.ID != NO_DISPLAY:
        call_native("gimp-display-delete", display)


def gimp_procedural_db_get_data(identifier: str) -> Bytes:
    native = Gimp.get_parasite(identifier)
    if native is None:
        raise error(f"No data is stored under {identifier}.")
    data = tuple(parasite_from(native).data)
    return len(data), data


def gimp_procedural_db_get_data_size(identifier: str) -> int:
    return gimp_procedural_db_get_data(identifier)[0]


def gimp_procedural_db_set_data(identifier: str, count: int, data: Sequence[int]) -> None:
    checked(Gimp.attach_parasite(native_parasite(Parasite(identifier, 0, bytes(data)))))


def gimp_procedural_db_temp_name() -> str:
    return Gimp.PDB.temp_procedure_name(Gimp.get_pdb())


gimp_temp_PDB_name = gimp_procedural_db_temp_name


def gimp_get_theme_dir() -> str:
    return f"{Gimp.data_directory()}/themes"


def gimp_get_icon_theme_dir() -> str:
    return f"{Gimp.data_directory()}/icons"


def gimp_context_get_transform_recursion() -> int:
    return 3


def gimp_context_set_transform_recursion(depth: int) -> None:
    """Do nothing: GIMP has not used it since 2.10."""


def gimp_plugin_enable_precision() -> None:
    """Do nothing: plug-ins always have the real precision in GIMP 3."""


def gimp_plugin_precision_enabled() -> int:
    return 1


def gimp_plugin_set_pdb_error_handler(handler: int) -> None:
    """Do nothing: the plug-in always gets errors as exceptions."""


def gimp_plugin_get_pdb_error_handler() -> int:
    return 1


def gimp_plugin_help_register(domain: str, uri: str) -> None:
    """Do nothing: GIMP 3 finds a plug-in's help by itself."""


def gimp_plugin_menu_branch_register(path: str, name: str) -> None:
    """Do nothing: GIMP 3 makes the submenus that procedures need."""


def gimp_unit_get_number_of_built_in_units() -> int:
    return 5


def gimp_unit_get_factor(unit: int) -> float:
    return Gimp.Unit.get_by_id(unit).get_factor()


def gimp_unit_get_digits(unit: int) -> int:
    return Gimp.Unit.get_by_id(unit).get_digits()


def gimp_unit_get_identifier(unit: int) -> str:
    return Gimp.Unit.get_by_id(unit).get_name()


gimp_unit_get_singular = gimp_unit_get_plural = gimp_unit_get_identifier


def gimp_unit_get_symbol(unit: int) -> str:
    return Gimp.Unit.get_by_id(unit).get_symbol()


def gimp_unit_get_abbreviation(unit: int) -> str:
    return Gimp.Unit.get_by_id(unit).get_abbreviation()


gimp_register_load_handler = registry.register_load_handler
gimp_register_magic_load_handler = registry.register_magic_load_handler
gimp_register_save_handler = registry.register_save_handler
gimp_plugin_menu_register = registry.menu_register
gimp_plugin_domain_register = registry.domain_register


def gimp_register_file_handler_mime(procedure: str, mime_types: str) -> None:
    """Do nothing: GIMP 3 tells the kind of a file by its extension and its first bytes."""


gimp_register_thumbnail_loader = gimp_register_file_handler_mime


def gimp_register_file_handler_priority(procedure: str, priority: int) -> None:
    """Do nothing: GIMP 3 has one procedure for a kind of file."""


def gimp_register_file_handler_raw(procedure: str) -> None:
    """Do nothing: GIMP 3 reads files only through paths."""


gimp_register_file_handler_uri = gimp_register_file_handler_raw
