"""Backups: a database in one file that says what it must hold; made while others write, proved when restored."""

from supplyhub.backups.archive import Manifest
from supplyhub.backups.making import back_up
from supplyhub.backups.restoring import restore

__all__ = ["Manifest", "back_up", "restore"]
