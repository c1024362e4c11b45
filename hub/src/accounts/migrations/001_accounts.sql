create table shops (
  id         text primary key,
  name       text not null,
  created_at integer not null
) strict;

create table accounts (
  id              text primary key,
  email           text not null unique,
  password_hash   text not null,
  must_change     integer not null,
  metadata        text not null default '{}',
  created_at      integer not null,
  updated_at      integer not null,
  last_sign_in_at integer
) strict;

create table memberships (
  shop_id    text not null references shops (id),
  account_id text not null references accounts (id),
  role       text not null check (role in ('owner', 'admin', 'manager', 'technician', 'front_desk')),
  station    integer not null check (station in (0, 1)),
  active     integer not null check (active in (0, 1)),
  updated_at integer not null,
  primary key (shop_id, account_id)
) strict, without rowid;

create index memberships_by_account on memberships (account_id, active);

-- A session is one sign-in on one device, and the family of its refresh tokens: each token is the session's id and a
-- counter, signed with the session's key, so that the family needs no rows of its own.
create table sessions (
  id              text primary key,
  account_id      text not null references accounts (id),
  refresh_key     blob not null check (length(refresh_key) = 32),
  refresh_counter integer not null,
  refreshed_at    integer not null,
  created_at      integer not null
) strict;

create index sessions_by_account on sessions (account_id, created_at);

create table keys (
  name       text primary key,
  value      blob not null,
  created_at integer not null
) strict;
