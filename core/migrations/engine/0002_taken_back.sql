-- What a restored server will not have again of what was settled, and why, until its rows are here. `seq` names the
-- settled operation.

CREATE TABLE taken_back (
    seq INTEGER PRIMARY KEY NOT NULL,
    code TEXT NOT NULL,
    field TEXT
) STRICT;
