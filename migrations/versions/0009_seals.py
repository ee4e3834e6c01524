"""The feed, which numbers committed postings without a gap, and seals over it; notes with a salted hash, erasable."""

import hashlib
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

APPENDED = ("feed", "seal", "lot")
"""Tables of history: no row of theirs is ever changed or deleted, whoever asks."""


ERASES = "NEW.posting_id = OLD.posting_id AND NEW.sha256 = OLD.sha256 AND NEW.note = '' AND NEW.salt IS NULL"
"""The one change a note may see: its text and salt go, its hash stays."""


TRIGGERS = {
    "sqlite": {
        "posting": ["posting_waits_for_its_number"],
        "lot": ["lot_no_update", "lot_no_delete"],
        "posting_note": ["posting_note_no_delete", "posting_note_only_erased"],
    },
    "postgresql": {
        "posting": ["posting_waits_for_its_number"],
        "lot": ["lot_only_appended"],
        "posting_note": ["posting_note_only_appended", "posting_note_only_erased"],
    },
}
"""Triggers on tables of earlier migrations."""


def upgrade() -> None:
    """Make the tables; postings that stand already wait for their numbers like new ones."""
    op.create_table(
        "feed",
        sa.Column("seq", Id, nullable=False),
        sa.Column("posting_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name="fk_feed_posting_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_feed"),
        sa.UniqueConstraint("posting_id", name="uq_feed_posting_id"),
    )
    op.create_table(
        "unnumbered",
        sa.Column("posting_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name="fk_unnumbered_posting_id"),
        sa.PrimaryKeyConstraint("posting_id", name="pk_unnumbered"),
    )
    op.create_table(
        "seal",
        sa.Column("number", Id, nullable=False),
        sa.Column("upto_seq", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_seal"),
        sa.UniqueConstraint("upto_seq", name="uq_seal_upto_seq"),
    )
    op.execute("INSERT INTO unnumbered (posting_id) SELECT id FROM posting")
    _salt_notes()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER posting_waits_for_its_number AFTER INSERT ON posting "
            "BEGIN INSERT INTO unnumbered (posting_id) VALUES (NEW.id); END"
        )
        for table in APPENDED:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'history is only appended'); END"
                )
        op.execute(
            "CREATE TRIGGER posting_note_no_delete BEFORE DELETE ON posting_note "
            "BEGIN SELECT RAISE(ABORT, 'history is only appended'); END"
        )
        op.execute(
            "CREATE TRIGGER posting_note_only_erased BEFORE UPDATE ON posting_note "
            f"WHEN NOT ({ERASES}) "
            "BEGIN SELECT RAISE(ABORT, 'history is only appended'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION wait_for_number() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO unnumbered (posting_id) VALUES (NEW.id); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER posting_waits_for_its_number AFTER INSERT ON posting "
        "FOR EACH ROW EXECUTE FUNCTION wait_for_number()"
    )
    for table in APPENDED:
        op.execute(
            f"CREATE TRIGGER {table}_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )
    op.execute(
        "CREATE TRIGGER posting_note_only_appended BEFORE DELETE OR TRUNCATE ON posting_note "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
    )
    op.execute(
        "CREATE TRIGGER posting_note_only_erased BEFORE UPDATE ON posting_note "
        f"FOR EACH ROW WHEN (NOT ({ERASES})) EXECUTE FUNCTION refuse_rewriting()"
    )


def _salt_notes() -> None:
    """Each note beside a salt and the hash of both, which stays when the other two are erased."""
    op.add_column("posting_note", sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.add_column("posting_note", sa.Column("sha256", sa.LargeBinary(), nullable=True))
    bind = op.get_bind()
    fill = sa.text("UPDATE posting_note SET salt = :salt, sha256 = :sha256 WHERE posting_id = :id")
    for posting_id, note in bind.execute(sa.text("SELECT posting_id, note FROM posting_note")).all():
        salt = secrets.token_bytes(16)
        bind.execute(fill, {"id": posting_id, "salt": salt, "sha256": hashlib.sha256(salt + note.encode()).digest()})
    with op.batch_alter_table("posting_note") as notes:
        notes.alter_column("sha256", existing_type=sa.LargeBinary(), nullable=False)


def downgrade() -> None:
    """Drop them again."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, triggers in TRIGGERS["sqlite" if sqlite else "postgresql"].items():
        for trigger in triggers:
            op.execute(f"DROP TRIGGER {trigger}" + ("" if sqlite else f" ON {table}"))
    with op.batch_alter_table("posting_note") as notes:
        notes.drop_column("sha256")
        notes.drop_column("salt")
    op.drop_table("seal")
    op.drop_table("unnumbered")
    op.drop_table("feed")
    if not sqlite:
        op.execute("DROP FUNCTION wait_for_number()")
