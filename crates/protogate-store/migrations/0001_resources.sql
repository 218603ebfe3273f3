-- Resources, the change log and the revision counter.
-- Keys compare bytewise (SQLite's BINARY collation), so prefix ranges are index ranges.
CREATE TABLE store_state (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    revision  INTEGER NOT NULL CHECK (revision >= 0),
    compacted INTEGER NOT NULL CHECK (compacted >= 0 AND compacted <= revision)
) STRICT;
INSERT INTO store_state (id, revision, compacted) VALUES (1, 0, 0);

CREATE TABLE resource (
    key             TEXT    NOT NULL PRIMARY KEY,
    value           BLOB    NOT NULL,
    revision        INTEGER NOT NULL,
    create_revision INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    updated_by      TEXT    NOT NULL
) STRICT;

-- One row per revision. `value` is null for a deletion.
CREATE TABLE change (
    revision        INTEGER PRIMARY KEY,
    key             TEXT    NOT NULL,
    value           BLOB,
    create_revision INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    changed_at      INTEGER NOT NULL,
    changed_by      TEXT    NOT NULL
) STRICT;
CREATE INDEX change_by_age ON change (changed_at);
