-- What a Supabase project has before its first migration, on a plain PostgreSQL 15 or newer: the roles of the API, the
-- schemas `extensions`, `auth` and `realtime`. Whatever is there already stays as it is.

do $$
declare
  name text;
  member text;
  -- From PostgreSQL 16 on, whoever makes a role is a member of it who may not become it before granting it to themselves.
  becomes text := case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end;
begin
  foreach name in array '{anon,authenticated}'::text[] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin', name);
      execute format('alter role %I set statement_timeout = %L', name, case name when 'anon' then '3s' else '8s' end);
    end if;
  end loop;
  if not exists (select from pg_roles where rolname = 'service_role') then
    begin
      create role service_role nologin bypassrls;
    exception when insufficient_privilege then
      -- Only a superuser may give that right away; what the hub calls as this role has its owner's rights.
      create role service_role nologin;
    end;
  end if;
  -- As whom a PostgREST beside the hub signs in, once it is given a password and may.
  if not exists (select from pg_roles where rolname = 'authenticator') then
    create role authenticator nologin noinherit;
  end if;
  begin
    foreach name in array '{anon,authenticated,service_role}'::text[] loop
      foreach member in array array['authenticator', current_user] loop
        if not pg_has_role(member, name, becomes) then
          execute format('grant %I to %I', name, member);
        end if;
      end loop;
    end loop;
  exception when insufficient_privilege then
    -- From PostgreSQL 16 on, a role is granted by nobody but who made it, and by superusers.
    raise exception 'the roles of the API are somebody else''s' using errcode = 'insufficient_privilege',
      hint = format('as a superuser: grant anon, authenticated, service_role to %I with admin option', current_user);
  end;
end $$;

create schema if not exists extensions;
do $$
declare
  name text;
  place text;
begin
  foreach name in array '{pgcrypto,uuid-ossp}'::text[] loop
    place := (select n.nspname from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace
              where e.extname = name);
    if place is null then
      execute format('create extension %I with schema extensions', name);
    elsif place <> 'extensions' then
      raise exception 'the extension % lies in another schema', name using errcode = 'object_not_in_prerequisite_state',
        hint = format('alter extension %I set schema extensions', name);
    end if;
  end loop;
end $$;

-- An account is a row here; keys and triggers of the migrations hang on it. Who it is, the hub keeps for itself.
do $$
begin
  if to_regclass('auth.users') is null then
    create schema if not exists auth;
    create table auth.users (
      id uuid primary key,
      email varchar(255),
      created_at timestamptz not null default now()
    );
    alter table auth.users enable row level security;
  end if;
end $$;

-- Nobody reads messages here: the hubs hear of commits from each other, and look at the shops' heads.
do $$
begin
  if to_regclass('realtime.messages') is null then
    create schema if not exists realtime;
    create table realtime.messages (
      topic text not null,
      extension text not null,
      payload jsonb,
      event text,
      private boolean default false,
      id uuid primary key default gen_random_uuid()
    );
    alter table realtime.messages enable row level security;
    create function realtime.topic() returns text language sql stable as $f$
      select nullif(current_setting('realtime.topic', true), '') $f$;
    create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
    language sql as $f$ select $f$;
  end if;
end $$;

-- The migrations' owner is never a superuser: functions with their owner's rights should have few.
do $$
begin
  if (select rolsuper from pg_roles where rolname = current_user) then
    if not exists (select from pg_roles where rolname = 'counterpart_owner') then
      create role counterpart_owner nologin bypassrls;
    end if;
    execute format('grant create on database %I to counterpart_owner', current_database());
    grant all on schema public to counterpart_owner;
    grant usage on schema extensions, auth, realtime to counterpart_owner;
    grant references, trigger on auth.users to counterpart_owner;
    grant insert on realtime.messages to counterpart_owner;
  end if;
end $$;
do $$
declare
  place text;
  name text;
begin
  foreach place in array '{public,extensions,realtime}'::text[] loop
    foreach name in array '{anon,authenticated,service_role}'::text[] loop
      if not has_schema_privilege(name, place, 'usage') then
        execute format('grant usage on schema %I to %I', place, name);
      end if;
    end loop;
  end loop;
end $$;
