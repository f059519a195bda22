"""The menu to save, rename, delete, export and import presets."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from deepdream_core.shared.presets import presets
from deepdream_core.shared.recipe import MACHINE, PARAMETERS, recipe_from
from deepdream_core.shared.recipe_files import files_named
from deepdream_plugin import preset_files
from deepdream_plugin.dialog.foreign_files import may_keep
from deepdream_plugin.dialog.gtk import SPACE, WIDE_SPACE, GdkPixbuf, GLib, Gtk, settle
from deepdream_plugin.dialog.state import State
from deepdream_plugin.foreign_files import shown
from deepdream_plugin.preset_files import PresetError
from deepdream_plugin.texts import _

_PICTURE_SIDE = 128


class PresetMenu:
    """A button with a menu; calls `on_changed()` when the list of presets changes."""

    def __init__(
        self,
        window: Gtk.Window,
        state: State,
        picture: Callable[[int], GdkPixbuf.Pixbuf | None],
        on_changed: Callable[[], None],
    ) -> None:
        """Create the button; `picture(side)` returns the current preview as a square, or None."""
        self._window = window
        self._state = state
        self._picture = picture
        self._on_changed = on_changed
        self._unfinished: set[str] = set()
        """Presets that get a new picture once the preview is finished."""
        menu = Gtk.Menu()
        self._add(menu, _("_Save as preset…"), self._save)
        self._rename = self._add(menu, _("Re_name…"), self._ask_new_name)
        self._delete = self._add(menu, _("_Delete"), self._delete_chosen)
        menu.append(Gtk.SeparatorMenuItem())
        self._add(menu, _("_Export…"), self._export)
        self._add(menu, _("_Import…"), self._import)
        menu.show_all()
        menu.connect("show", lambda m: self._update())
        self.button = Gtk.MenuButton(popup=menu, use_popover=False)
        self.button.set_direction(Gtk.ArrowType.UP)
        label = Gtk.Label.new_with_mnemonic(_("_Presets"))
        self.button.remove(self.button.get_child())
        inner = Gtk.Box(spacing=SPACE)
        inner.pack_start(label, True, True, 0)
        arrow = Gtk.Image.new_from_icon_name("pan-up-symbolic", Gtk.IconSize.BUTTON)
        inner.pack_start(arrow, False, False, 0)
        self.button.add(inner)
        label.set_mnemonic_widget(self.button)
        self.button.set_tooltip_text(_("Save these settings as a preset, or manage presets."))

    def preview_finished(self) -> None:
        """Save the finished preview as the picture of a new preset."""
        name = self._state.preset
        if name in self._unfinished and not self._state.is_changed:
            self._unfinished.remove(name)
            with contextlib.suppress(PresetError):  # a preset works without a picture
                self._save_picture(name)
            self._on_changed()

    def _add(self, menu: Gtk.Menu, label: str, act: Callable[[], None]) -> Gtk.MenuItem:
        item = Gtk.MenuItem.new_with_mnemonic(label)
        item.connect("activate", lambda i: self._try(act))
        menu.append(item)
        return item

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except PresetError as problem:
            _show_warning(self._window, str(problem))

    def _update(self) -> None:
        own = preset_files.is_own(self._state.preset)
        self._rename.set_sensitive(own)
        self._delete.set_sensitive(own)

    def _save(self) -> None:
        title = self._ask_title(_("Save as preset"), "")
        if title is None or not self._may_take(title):
            return
        # Only settings that differ from the defaults and do not depend on the machine, so that the
        # preset is readable and portable.
        defaults = recipe_from({}).as_dict()
        current = self._state.recipe.as_dict()
        portable = {
            n: v for n, v in current.items() if v != defaults[n] and PARAMETERS[n].group != MACHINE
        }
        name = preset_files.save_preset(title, portable)
        preset_files.picture_path(name).unlink(missing_ok=True)
        self._save_picture(name)
        self._choose_new(name)

    def _save_picture(self, name: str) -> None:
        """Save the current preview, if any, as the preset's picture."""
        picture = self._picture(_PICTURE_SIDE)
        if picture:
            try:
                picture.savev(str(preset_files.picture_path(name)), "png", [], [])
            except GLib.Error as problem:
                raise PresetError(problem.message) from None

    def _choose_new(self, name: str) -> None:
        self._unfinished.add(name)
        self._state.choose_preset(name)
        self._on_changed()

    def _ask_new_name(self) -> None:
        name = self._state.preset
        title = self._ask_title(_("Rename preset"), presets()[name].title)
        if title is not None and self._may_take(title, name):
            recipe, renamed = self._state.recipe, preset_files.rename_preset(name, title)
            self._unfinished.add(renamed)
            self._state.become(recipe, renamed)
            self._on_changed()

    def _delete_chosen(self) -> None:
        recipe, name = self._state.recipe, self._state.preset
        question = _('Delete the preset "{title}"? This cannot be undone.')
        if self._agrees(question.format(title=presets()[name].title), _("_Delete")):
            preset_files.delete_preset(name)
            self._state.become(recipe, "")
            self._on_changed()

    def _export(self) -> None:
        path = self._choose_file(
            _("Export preset"), Gtk.FileChooserAction.SAVE, f"{self._state.preset}.json"
        )
        if path:
            preset_files.export_preset(self._state.preset, path)

    def _import(self) -> None:
        path = self._choose_file(_("Import preset"), Gtk.FileChooserAction.OPEN)
        if not path:
            return
        title, settings, description = preset_files.read_preset(path)
        files = files_named(settings)
        keep = may_keep(self._window, shown(files.values())) if files else True
        if keep is None:
            return
        if not keep:
            settings = {name: value for name, value in settings.items() if name not in files}
        if self._may_take(title):
            self._choose_new(preset_files.save_preset(title, settings, description))

    def _may_take(self, title: str, present: str = "") -> bool:
        """Ask before replacing a preset, unless its name is `present`."""
        if not preset_files.is_taken(title, present):
            return True
        question = _('A preset named "{title}" already exists. Replace it?')
        return self._agrees(question.format(title=title), _("_Replace"))

    def _agrees(self, question: str, act: str) -> bool:
        dialog = Gtk.MessageDialog(
            transient_for=self._window,
            modal=True,
            message_type=Gtk.MessageType.QUESTION,
            title=_("DeepDream: Question"),
            text=question,
        )
        dialog.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        dialog.add_button(act, Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.CANCEL)
        answer = dialog.run()
        dialog.destroy()
        return answer == Gtk.ResponseType.OK

    def _ask_title(self, title: str, present: str) -> str | None:
        dialog = Gtk.Dialog(title=title, transient_for=self._window, modal=True)
        dialog.set_border_width(SPACE)
        dialog.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        dialog.add_button(_("_Save"), Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.OK)
        row = Gtk.Box(spacing=WIDE_SPACE, border_width=WIDE_SPACE)
        label = Gtk.Label.new_with_mnemonic(_("_Name"))
        entry = Gtk.Entry(text=present, activates_default=True, width_chars=28)
        label.set_mnemonic_widget(entry)
        row.pack_start(label, False, False, 0)
        row.pack_start(entry, True, True, 0)
        dialog.get_content_area().pack_start(row, True, True, 0)
        dialog.show_all()
        answer = dialog.run()
        text = entry.get_text().strip()
        dialog.destroy()
        return text if answer == Gtk.ResponseType.OK and text else None

    def _choose_file(
        self, title: str, action: Gtk.FileChooserAction, name: str = ""
    ) -> Path | None:
        dialog = Gtk.FileChooserDialog(title=title, transient_for=self._window, action=action)
        dialog.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        saving = action == Gtk.FileChooserAction.SAVE
        dialog.add_button(_("_Save") if saving else _("_Open"), Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.OK)
        dialog.set_do_overwrite_confirmation(True)
        wanted = Gtk.FileFilter()
        wanted.set_name(_("Presets (*.json)"))
        wanted.add_pattern("*.json")
        dialog.add_filter(wanted)
        if name:
            dialog.set_current_name(name)
        answer = dialog.run()
        chosen = dialog.get_filename()
        dialog.destroy()
        settle()
        return Path(chosen) if answer == Gtk.ResponseType.OK and chosen else None


def _show_warning(window: Gtk.Window, text: str) -> None:
    dialog = Gtk.MessageDialog(
        transient_for=window,
        modal=True,
        message_type=Gtk.MessageType.WARNING,
        buttons=Gtk.ButtonsType.CLOSE,
        title=_("DeepDream: Error"),
        text=text,
    )
    dialog.run()
    dialog.destroy()
