"""The feed in an order in which nothing comes before what it rests on, and with marks by which its readers know it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A ticket for each posting that waits, drawn as it commits; in the feed the moment of each posting.

    The database fills both in by itself, so that code of before this migration may go on numbering.
    """
    op.add_column("feed", sa.Column("recorded_at", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


MOMENTS = "UPDATE feed SET recorded_at = (SELECT recorded_at FROM posting WHERE posting.id = feed.posting_id)"


def _on_sqlite() -> None:
    op.execute("DROP TRIGGER feed_no_update")
    op.execute(MOMENTS)
    op.execute(
        "CREATE TRIGGER feed_no_update BEFORE UPDATE ON feed WHEN OLD.recorded_at IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'history is only appended'); END"
    )
    op.execute(f"CREATE TRIGGER feed_notes_moment AFTER INSERT ON feed BEGIN {MOMENTS} WHERE seq = NEW.seq; END")
    # One writer at a time: postings are committed in the order of their ids.
    _replace_waiting(
        "posting_id, ticket", "posting_id, posting_id", sa.Column("ticket", sa.BigInteger(), nullable=False)
    )
    op.create_index("uq_unnumbered_ticket", "unnumbered", ["ticket"], unique=True)
    op.execute(
        "CREATE TRIGGER posting_waits_for_its_number AFTER INSERT ON posting "
        "BEGIN INSERT INTO unnumbered (posting_id, ticket) VALUES (NEW.id, NEW.id); END"
    )


def _replace_waiting(names: str, values: str, *columns: sa.Column[int]) -> None:
    """The same rows in a table with other columns; SQLite cannot add one that must be filled."""
    op.execute("DROP TRIGGER posting_waits_for_its_number")
    op.rename_table("unnumbered", "unnumbered_before")
    op.create_table(
        "unnumbered",
        sa.Column("posting_id", Id, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name="fk_unnumbered_posting_id"),
        sa.PrimaryKeyConstraint("posting_id", name="pk_unnumbered"),
    )
    op.execute(  # S608: the names are written above, nothing comes from outside
        f"INSERT INTO unnumbered ({names}) SELECT {values} FROM unnumbered_before ORDER BY posting_id"  # noqa: S608
    )
    op.drop_table("unnumbered_before")


def _on_postgresql() -> None:
    op.execute("ALTER TABLE feed DISABLE TRIGGER feed_only_appended")
    op.execute(MOMENTS)
    op.execute("ALTER TABLE feed ENABLE TRIGGER feed_only_appended")
    op.execute(
        "CREATE FUNCTION note_moment() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.recorded_at := (SELECT recorded_at FROM posting WHERE id = NEW.posting_id); RETURN NEW; END $$"
    )
    op.execute("CREATE TRIGGER feed_notes_moment BEFORE INSERT ON feed FOR EACH ROW EXECUTE FUNCTION note_moment()")
    op.execute("CREATE SEQUENCE unnumbered_ticket_seq")
    op.execute("SELECT setval('unnumbered_ticket_seq', (SELECT coalesce(max(id), 0) + 1 FROM posting))")
    ticket = sa.Column("ticket", sa.BigInteger(), server_default=sa.text("nextval('unnumbered_ticket_seq')"))
    op.add_column("unnumbered", ticket)
    op.execute("ALTER SEQUENCE unnumbered_ticket_seq OWNED BY unnumbered.ticket")
    op.execute("UPDATE unnumbered SET ticket = posting_id")
    op.alter_column("unnumbered", "ticket", nullable=False)
    op.create_index("uq_unnumbered_ticket", "unnumbered", ["ticket"], unique=True)
    op.execute("DROP TRIGGER posting_waits_for_its_number ON posting")
    # Deferred: the ticket is drawn when all locks are held, so whoever had to wait for one draws a later ticket.
    op.execute(
        "CREATE CONSTRAINT TRIGGER posting_waits_for_its_number AFTER INSERT ON posting "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_number()"
    )


def downgrade() -> None:
    """As it was before."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER feed_notes_moment")
        op.execute("DROP TRIGGER feed_no_update")
        op.drop_index("uq_unnumbered_ticket", "unnumbered")
        _replace_waiting("posting_id", "posting_id")
        op.execute("ALTER TABLE feed DROP COLUMN recorded_at")
        op.execute(
            "CREATE TRIGGER feed_no_update BEFORE UPDATE ON feed "
            "BEGIN SELECT RAISE(ABORT, 'history is only appended'); END"
        )
        op.execute(
            "CREATE TRIGGER posting_waits_for_its_number AFTER INSERT ON posting "
            "BEGIN INSERT INTO unnumbered (posting_id) VALUES (NEW.id); END"
        )
        return
    op.execute("DROP TRIGGER feed_notes_moment ON feed")
    op.execute("DROP FUNCTION note_moment()")
    op.drop_column("feed", "recorded_at")
    op.execute("DROP TRIGGER posting_waits_for_its_number ON posting")
    op.drop_column("unnumbered", "ticket")
    op.execute(
        "CREATE TRIGGER posting_waits_for_its_number AFTER INSERT ON posting "
        "FOR EACH ROW EXECUTE FUNCTION wait_for_number()"
    )
