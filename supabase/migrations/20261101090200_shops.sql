-- Shops, who works in them, and each shop's one sequence of commits.
--
-- Every table's key begins with the shop. A shop's row in `heads` is its lock: whoever changes the shop holds it, so
-- that commits are numbered in the order in which they become visible and no cursor can pass one that is not yet there.

create table public.shops (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(name) between 1 and 120),
  created_at timestamptz not null default now()
);

create table public.members (
  shop_id uuid not null references public.shops (id),
  account uuid not null references auth.users (id) on delete cascade,
  email text not null default '',
  role text not null check (role in ('owner', 'admin', 'manager', 'technician', 'front_desk')),
  -- A shared tablet, where people switch by PIN.
  station boolean not null default false,
  active boolean not null default true,
  primary key (shop_id, account)
);
create index members_account on public.members (account) where active;

create table counterpart.heads (
  shop_id uuid primary key references public.shops (id),
  epoch text not null default gen_random_uuid()::text,
  head bigint not null default 0,
  tag text not null default gen_random_uuid()::text,
  next_number bigint not null default 1000,
  next_code bigint not null default 1
);

create table counterpart.commits (
  shop_id uuid not null,
  n bigint not null,
  tag text not null,
  at timestamptz not null,
  device text collate "C" not null,
  primary key (shop_id, n)
);
create index commits_at on counterpart.commits (shop_id, at);

create table counterpart.devices (
  shop_id uuid not null,
  device text collate "C" not null,
  account uuid not null,
  generation bigint not null,
  attempt text not null,
  code text not null,
  unsent bigint not null default 0,
  -- Up to which commit its receipts have arrived, and their details are gone.
  acked bigint not null default 0,
  -- Whether a backup was put back since it began its last session: its generation may have been raised unnoticed.
  restored boolean not null default false,
  seen_at timestamptz not null,
  primary key (shop_id, device)
);

-- That there was an operation, which content it had and what became of it stays for ever; why only until its device
-- has heard.
create table counterpart.receipts (
  shop_id uuid not null,
  op text collate "C" not null,
  device text collate "C" not null,
  hash text not null,
  outcome text not null,
  n bigint not null,
  code text,
  field text,
  message text,
  -- The operation that was sent in its place.
  instead text collate "C",
  primary key (shop_id, op)
);
create index receipts_device on counterpart.receipts (shop_id, device, n);

-- Who may be named by operations of which shared tablet, because their PIN was right there.
create table counterpart.grants (
  shop_id uuid not null,
  device text collate "C" not null,
  employee text collate "C" not null,
  at timestamptz not null,
  primary key (shop_id, device, employee)
);

-- Wrong PINs of one person, and the lock that they led to.
create table counterpart.pin_guard (
  shop_id uuid not null,
  employee text collate "C" not null,
  failures bigint not null,
  locked_until timestamptz not null,
  since timestamptz not null,
  primary key (shop_id, employee)
);

-- The keys that wrap the keys of passcodes.
create table counterpart.shop_keys (
  shop_id uuid primary key,
  key bytea not null check (octet_length(key) = 32)
);

-- Who changed which field from what to what, when, on which device. What was merged away is here too.
create table public.audit (
  shop_id uuid not null,
  n bigint not null,
  tbl text not null,
  id text collate "C" not null,
  field text not null,
  was jsonb,
  became jsonb,
  kept boolean not null,
  actor text,
  device text not null,
  at timestamptz(3) not null,
  -- Tells apart what one commit did to one field of a row, twice.
  part bigint generated always as identity,
  primary key (shop_id, id, n, part)
);

-- Who is asking. Claims say which account it is and nothing else; the rest is read from tables.

create function counterpart.account() returns uuid
language sql stable parallel safe as $$
  select nullif(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub', '')::uuid $$;

-- The shops that the account works in. Policies ask `shop_id = any ((select counterpart.my_shops())::uuid[])`: once a
-- statement, not once a row.
create function counterpart.my_shops() returns uuid[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(m.shop_id), '{}') from public.members as m
    where m.account = counterpart.account() and m.active);
end $$;

-- Those that it manages. A shared tablet manages nothing.
create function counterpart.managed_shops() returns uuid[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(m.shop_id), '{}') from public.members as m
    where m.account = counterpart.account() and m.active and not m.station and m.role in ('owner', 'admin', 'manager'));
end $$;

-- Those in which it is a shared tablet.
create function counterpart.station_shops() returns uuid[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(m.shop_id), '{}') from public.members as m
    where m.account = counterpart.account() and m.active and m.station);
end $$;

-- Locks.

-- Takes the locks of these shops, in the order of their ids, so that two who take several never wait for each other.
create function counterpart.lock_heads(shops uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  held text := coalesce(current_setting('counterpart.locked', true), '');
begin
  perform from counterpart.heads as h where h.shop_id = any (shops) order by h.shop_id for no key update;
  -- It reverts with a savepoint, as the locks do.
  perform set_config('counterpart.locked', concat_ws(',', nullif(held, ''), array_to_string(shops, ',')), true);
end $$;

-- Names the shops that a transaction is going to change, before it changes anything. Whoever changes one shop of
-- several, or has no account, has to.
create function public.lock_shops(ids uuid[]) returns void
language plpgsql set search_path = '' as $$
begin
  if row_security_active('public.shops') and not ids <@ counterpart.my_shops() then
    raise sqlstate 'PT403' using message = 'no such shop', detail = 'no_shop';
  end if;
  perform counterpart.lock_heads(ids);
end $$;

-- Before any row of a statement is touched: a lock taken row by row meets others in the middle.
create function counterpart.lock_first() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  mine uuid[];
begin
  if coalesce(current_setting('counterpart.locked', true), '') = '' then
    mine := counterpart.my_shops();
    if mine = '{}' and counterpart.account() is not null then
      raise exception 'not allowed' using errcode = 'insufficient_privilege';
    elsif mine = '{}' then
      raise exception 'this transaction has not said which shops it changes' using errcode = 'object_not_in_prerequisite_state',
        hint = 'First call lock_shops with their ids.';
    end if;
    perform counterpart.lock_heads(mine);
  end if;
  return null;
end $$;

create function counterpart.refuse_truncate() returns trigger
language plpgsql as $$
begin
  raise exception 'rows of % cannot be truncated: no device would hear of it', tg_table_name
    using errcode = 'feature_not_supported', hint = 'Delete them.';
end $$;

-- Commits.

-- What the operation that is being applied says of itself, or nothing: outside a push nobody says anything.
create function counterpart.operation() returns jsonb
language sql stable parallel safe as $$
  select nullif(current_setting('counterpart.operation', true), '')::jsonb $$;

-- The number of the commit that this transaction is in a shop: the next one, taken when the first row changes.
create function counterpart.commit_number(shop uuid) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  begun jsonb := coalesce(nullif(current_setting('counterpart.commits', true), ''), '{}')::jsonb;
  n bigint := begun ->> shop::text;
  random_tag text := gen_random_uuid()::text;
begin
  if n is not null then
    return n;
  end if;
  if shop::text <> all (string_to_array(coalesce(current_setting('counterpart.locked', true), ''), ',')) then
    if counterpart.account() is not null and shop <> all (counterpart.my_shops()) then
      raise exception 'not allowed' using errcode = 'insufficient_privilege';
    end if;
    raise exception 'this transaction has not said that it changes that shop' using errcode = 'object_not_in_prerequisite_state',
      hint = 'First call lock_shops with the ids of all shops that it changes.';
  end if;
  update counterpart.heads as h set head = h.head + 1, tag = random_tag where h.shop_id = shop returning h.head into n;
  if n is null then
    raise exception 'there is no such shop' using errcode = 'foreign_key_violation';
  end if;
  insert into counterpart.commits (shop_id, n, tag, at, device)
  values (shop, n, random_tag, clock_timestamp(), coalesce(counterpart.operation() ->> 'device', ''));
  perform set_config('counterpart.commits', (begun || jsonb_build_object(shop::text, n))::text, true);
  return n;
end $$;

-- The version that somebody began on, as far as this shop's history knows it. One of a commit that is not in it says
-- nothing of what the person saw: everything is concurrent.
create function counterpart.known_commit(shop uuid, since bigint) returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select c.n from counterpart.commits as c where c.shop_id = shop and c.n = since), 0);
end $$;

-- When the commit arrived that was the head then, in milliseconds; the beginning of time for none.
create function counterpart.commit_time(shop uuid, until bigint) returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select counterpart.ms(c.at) from counterpart.commits as c
                   where c.shop_id = shop and c.n <= until order by c.n desc limit 1), 0);
end $$;

-- One message a commit, sent with it: deferred, so that it goes when nothing else can fail, and once.
create function counterpart.poke() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.send(jsonb_build_object('epoch', new.epoch, 'n', new.head, 'tag', new.tag),
                        'poke', 'shop:' || new.shop_id, true);
  return null;
end $$;

create constraint trigger poke after update of head on counterpart.heads
  deferrable initially deferred for each row execute function counterpart.poke();

-- A new shop's head, and its key.
create function counterpart.begin_history() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into counterpart.heads (shop_id) values (new.id);
  insert into counterpart.shop_keys (shop_id, key) values (new.id, extensions.gen_random_bytes(32));
  return null;
end $$;

create trigger begin_history after insert on public.shops
  for each row execute function counterpart.begin_history();

-- Who may read what. Nobody but the functions writes here.

alter table public.shops enable row level security;
alter table public.members enable row level security;
alter table public.audit enable row level security;
alter table counterpart.heads enable row level security;
alter table counterpart.commits enable row level security;
alter table counterpart.devices enable row level security;
alter table counterpart.receipts enable row level security;
alter table counterpart.grants enable row level security;
alter table counterpart.pin_guard enable row level security;
alter table counterpart.shop_keys enable row level security;

create policy members_read on public.shops for select to authenticated
  using (id = any ((select counterpart.my_shops())::uuid[]));
create policy own_read on public.members for select to authenticated
  using (account = (select counterpart.account()));
create policy managers_read on public.members for select to authenticated
  using (shop_id = any ((select counterpart.managed_shops())::uuid[]));
create policy managers_read on public.audit for select to authenticated
  using (shop_id = any ((select counterpart.managed_shops())::uuid[]));

revoke all on public.shops, public.members, public.audit from public, anon, authenticated;
grant select on public.shops, public.members, public.audit to authenticated;
grant select, insert, update, delete on public.shops, public.members to service_role;
grant select on public.audit to service_role;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
revoke execute on function public.lock_shops(uuid[]) from public, anon;
grant execute on function public.lock_shops(uuid[]) to authenticated, service_role;
