"""Alembic migrations: small numbered steps, up and down, shipped with the package."""
