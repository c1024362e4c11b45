-- What the hub keeps for itself, beside the shops: who signs in with what, their sessions, and the hub's keys. No role of
-- the API reaches it.

create schema counterpart_hub;
revoke all on schema counterpart_hub from public;

create table counterpart_hub.accounts (
  id uuid primary key references auth.users (id) on delete cascade,
  email text not null unique,
  password_hash text not null,
  must_change boolean not null,
  metadata text not null default '{}',
  created_at bigint not null,
  updated_at bigint not null,
  last_sign_in_at bigint
);

-- One sign-in on one device, and the family of its refresh tokens: each is the session's id and a counter, signed with
-- the session's key.
create table counterpart_hub.sessions (
  id uuid primary key,
  account_id uuid not null references counterpart_hub.accounts (id) on delete cascade,
  refresh_key bytea not null check (octet_length(refresh_key) = 32),
  refresh_counter bigint not null,
  refreshed_at bigint not null,
  created_at bigint not null
);
create index sessions_by_account on counterpart_hub.sessions (account_id, created_at);

create table counterpart_hub.keys (
  name text primary key,
  value bytea not null,
  created_at bigint not null
);

-- Which migrations this database has had.
create table counterpart_hub.migrations (
  name text primary key,
  at timestamptz not null default now()
);
