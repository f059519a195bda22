"""The machine: devices, process settings and time estimates."""
