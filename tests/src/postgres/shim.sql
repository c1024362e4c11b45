-- What a Supabase project has before our migrations come, on a plain PostgreSQL 15 or newer: roles, `auth`, `realtime`,
-- `extensions`. Run once, as a superuser. For tests, and for your own PostgreSQL.
--
-- It is as strict as the hosted thing: the role that migrates owns nothing in `auth` and `realtime`, is a member of none
-- of their owners, and may only refer to `auth.users` and call `realtime.send`. (There it may also create policies on
-- `realtime.messages`, which plain PostgreSQL leaves to the owner: that one migration is run by a superuser.)
\set ON_ERROR_STOP on

do $$
declare
  name text;
begin
  foreach name in array '{anon,authenticated,supabase_auth_admin,supabase_realtime_admin}'::text[] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin', name);
    end if;
  end loop;
  if not exists (select from pg_roles where rolname = 'service_role') then
    create role service_role nologin bypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'authenticator') then
    create role authenticator login noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'migrator') then
    create role migrator login nosuperuser createdb createrole bypassrls;
  end if;
end $$;
grant anon, authenticated, service_role to authenticator, migrator;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

create schema extensions;
create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
grant usage on schema extensions to anon, authenticated, service_role, migrator;
grant usage on schema public to anon, authenticated, service_role;
grant all on schema public to migrator;
do $$ begin
  execute format('grant create on database %I to migrator', current_database());
end $$;
alter role migrator set search_path = "$user", public, extensions;

-- GoTrue's tables, with the columns that nobody expects.
create schema auth authorization supabase_auth_admin;
grant usage on schema auth to anon, authenticated, service_role, migrator;
create table auth.users (
  instance_id uuid,
  id uuid primary key default gen_random_uuid(),
  aud varchar(255),
  role varchar(255),
  email varchar(255),
  encrypted_password varchar(255),
  email_confirmed_at timestamptz,
  invited_at timestamptz,
  confirmation_token varchar(255),
  recovery_token varchar(255),
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  is_super_admin boolean,
  created_at timestamptz,
  updated_at timestamptz,
  phone text unique default null,
  phone_confirmed_at timestamptz,
  confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  banned_until timestamptz,
  is_sso_user boolean not null default false,
  deleted_at timestamptz,
  is_anonymous boolean not null default false
);
alter table auth.users owner to supabase_auth_admin;
alter table auth.users enable row level security;
grant references, trigger on auth.users to migrator;

create schema realtime authorization supabase_realtime_admin;
grant usage on schema realtime to anon, authenticated, service_role, migrator;
create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  primary key (id, inserted_at)
) partition by range (inserted_at);
create table realtime.messages_default partition of realtime.messages default;
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages_default owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to anon, authenticated, service_role, migrator;

create function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '') $$;

-- Like the real one it runs with the caller's rights, and turns every failure into a warning.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql as $$
declare
  message uuid := gen_random_uuid();
begin
  begin
    perform set_config('realtime.topic', topic, true);
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (message, jsonb_build_object('id', message) || payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'realtime.send: %', sqlerrm;
  end;
end $$;
alter function realtime.topic() owner to supabase_realtime_admin;
alter function realtime.send(jsonb, text, text, boolean) owner to supabase_realtime_admin;
