"""The machine: its devices, its process, its clock."""
