-- What happens to every row that is written, whoever writes it: it is stamped with its commit, judged, audited, and a
-- deletion becomes a tombstone. A push, a foreign client and an edit in SQL go through the same.
--
-- Whom row level security does not bind (the owner, the service role) the permission table does not bind either.
-- Triggers of a table fire in the order of their names: lock, stamp, then what the trade says, then spelling.

-- Rows that the shop itself keeps (a sum, a status, a conflict) are written by functions that say so meanwhile.
create function counterpart.keeps() returns boolean
language sql stable parallel safe as $$ select coalesce(current_setting('counterpart.keeps', true), '') <> '' $$;

-- What was deleted long ago is emptied in its place: that is no commit, for it is deleted on every device.
create function counterpart.forgets() returns boolean
language sql stable parallel safe as $$ select coalesce(current_setting('counterpart.keeps', true), '') = 'forgets' $$;

-- Whether what is written is neither a push's nor the shop's own.
create function counterpart.is_by_hand() returns boolean
language sql stable parallel safe as $$
  select coalesce(current_setting('counterpart.operation', true), '') = ''
     and coalesce(current_setting('counterpart.keeps', true), '') = '' $$;

create function counterpart.keep(yes boolean) returns void
language sql as $$ select set_config('counterpart.keeps', case when yes then 'on' else '' end, true) $$;

-- A refusal that is no limit: a stable word, and the field that it is about.
create function counterpart.refuse(code text, field text default null) returns void
language plpgsql as $$
begin
  raise exception using errcode = 'CP001', message = code, column = coalesce(field, '');
end $$;

create function counterpart.deny(rule text) returns void
language plpgsql as $$
begin
  raise exception using errcode = 'insufficient_privilege', message = rule, detail = 'denied';
end $$;

-- What a row carries besides its fields.
create function counterpart.carried() returns text[]
language sql immutable parallel safe as $$
  select '{shop_id,id,created_at,created_by,updated_at,updated_by,stamp,deleted_at,states,wire}'::text[] $$;

-- The fields that differ between two rows of a table.
create function counterpart.changed_fields(before jsonb, after jsonb) returns text[]
language sql immutable parallel safe as $$
  select coalesce(array_agg(a.key), '{}') from jsonb_each(after) as a
  where a.key <> all (counterpart.carried())
    and nullif(a.value, 'null') is distinct from nullif(before -> a.key, 'null') $$;

create function counterpart.stamp_row() returns trigger
language plpgsql as $$
declare
  was jsonb;
  became jsonb;
  begun jsonb := nullif(current_setting('counterpart.commits', true), '');
  pushed jsonb := counterpart.operation();
  moment timestamptz(3) := clock_timestamp();
  changed text[];
  verb text;
begin
  if tg_op = 'UPDATE' and (new.shop_id, new.id) is distinct from (old.shop_id, old.id) then
    perform counterpart.refuse('fixed', 'id');
  end if;
  if counterpart.forgets() then
    return new;
  end if;
  -- Only a shop's first row begins its commit.
  new.stamp := begun ->> new.shop_id::text;
  if new.stamp is null then
    new.stamp := counterpart.commit_number(new.shop_id);
  end if;
  if counterpart.keeps() then
    return new;
  end if;
  if tg_op = 'UPDATE' then
    was := to_jsonb(old);
  end if;
  became := to_jsonb(new);
  if pushed is null then
    changed := counterpart.changed_fields(was, became);
    new.states := coalesce(was -> 'states', '{}') || coalesce(
      (select jsonb_object_agg(f, jsonb_build_object('stamp', new.stamp, 'at', counterpart.ms(moment), 'device', ''))
       from unnest(changed) as f), '{}');
    new.created_at := case when tg_op = 'UPDATE' then old.created_at else moment end;
    new.created_by := case when tg_op = 'UPDATE' then old.created_by else (counterpart.member_of(new.shop_id)).employee end;
    new.updated_at := moment;
    new.updated_by := (counterpart.member_of(new.shop_id)).employee;
  else
    changed := pushed ->> 'fields';
  end if;
  if row_security_active(tg_relid) then
    verb := case when tg_op = 'INSERT' then 'create'
                 when new.deleted_at is not null and old.deleted_at is null then 'delete' else 'change' end;
    if pushed is null then
      -- A deletion is of now, and what was emptied long after one never comes back.
      if new.deleted_at is not null then
        new.deleted_at := case when verb = 'change' then old.deleted_at else moment end;
      end if;
      if verb = 'change' and counterpart.is_forgotten(old.deleted_at, old.states) then
        perform counterpart.refuse('deleted');
      end if;
      perform counterpart.refuse_kept(tg_table_name, verb, became, changed);
    end if;
    perform counterpart.judge(tg_table_name, verb, was, became, changed, new.shop_id, pushed ->> 'actor');
  end if;
  return new;
end $$;

-- Refuses a write that the permission table does not allow.
create function counterpart.judge(
  tbl text, verb text, before jsonb, after jsonb, changed text[], shop uuid, actor text) returns void
language plpgsql as $$
declare
  missing text := counterpart.missing_right(tbl, verb, before, after, changed, counterpart.at_work(shop, actor));
begin
  if missing is not null then
    perform counterpart.deny(missing);
  end if;
end $$;

-- What follows from appended rows is written by nobody, and what is set once is set once.
create function counterpart.refuse_kept(tbl text, verb text, after jsonb, changed text[]) returns void
language plpgsql stable as $$
declare
  f counterpart.fields;
begin
  for f in select * from counterpart.fields as k where k.tbl = refuse_kept.tbl and k.policy in ('counter', 'event', 'fixed') loop
    if f.policy = 'fixed' and verb = 'change' and f.name = any (changed) then
      perform counterpart.refuse_value(tbl || '.' || f.name, 'fixed', 'cannot be changed once set');
    elsif f.policy <> 'fixed' and counterpart.touches(tbl, f.name, verb, after, changed) then
      perform counterpart.refuse_value(tbl || '.' || f.name, 'kept', 'is kept by the shop and cannot be set');
    end if;
  end loop;
end $$;

-- A deletion leaves a tombstone, so that it reaches the devices.
create function counterpart.bury() returns trigger
language plpgsql as $$
begin
  execute format('update public.%I set deleted_at = clock_timestamp() where shop_id = $1 and id = $2 and deleted_at is null',
                 tg_table_name) using old.shop_id, old.id;
  return null;
end $$;

-- What was changed beside the devices is on record too. A push keeps its own, which says more.
create function counterpart.audit_row() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  was jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) end;
  became jsonb := to_jsonb(new);
  changed text[] := counterpart.changed_fields(was, became);
begin
  if (was ->> 'deleted_at') is distinct from (became ->> 'deleted_at') then
    changed := changed || '{deleted_at}'::text[];
  end if;
  insert into public.audit (shop_id, n, tbl, id, field, was, became, kept, actor, device, at)
  select new.shop_id, new.stamp, tg_table_name, new.id, f, was -> f, became -> f, true, new.updated_by, '', new.updated_at
  from unnest(changed) as f;
  return null;
end $$;

do $$
declare
  t counterpart.tables;
begin
  for t in select * from counterpart.tables order by place loop
    execute format('create trigger a_lock before insert or update or delete on public.%I
                    for each statement execute function counterpart.lock_first()', t.name);
    execute format('create trigger a_truncate before truncate on public.%I
                    for each statement execute function counterpart.refuse_truncate()', t.name);
    execute format('create trigger b_stamp before insert or update on public.%I
                    for each row execute function counterpart.stamp_row()', t.name);
    execute format('create trigger b_bury before delete on public.%I
                    for each row execute function counterpart.bury()', t.name);
    execute format('create trigger d_spell before insert or update on public.%I
                    for each row execute function counterpart.%I()', t.name, 'spell_' || t.name);
    -- What is wiped on schedule is in no audit.
    if not t.secret then
      execute format('create trigger e_audit after insert or update on public.%I
                      for each row when (counterpart.is_by_hand())
                      execute function counterpart.audit_row()', t.name);
    end if;
  end loop;
end $$;

-- Who reads and writes which rows at all; the rest is the permission table's. All of a statement's rows are held
-- against shops that were looked up once.
do $$
declare
  t counterpart.tables;
  mine constant text := 'shop_id = any ((select counterpart.my_shops())::uuid[])';
  managed constant text := 'shop_id = any ((select counterpart.managed_shops())::uuid[])';
  reads text;
begin
  for t in select * from counterpart.tables order by place loop
    execute format('alter table public.%I enable row level security', t.name);
    execute format('revoke all on public.%I from public, anon, authenticated', t.name);
    execute format('grant select, insert, update, delete on public.%I to service_role', t.name);
    execute format('grant select, insert on public.%I to authenticated', t.name);
    reads := case when t.readers = 'managers' then managed else mine end;
    if t.readers = 'stations_and_own' then
      continue;
    end if;
    execute format('create policy read on public.%I for select to authenticated using (%s)', t.name, reads);
    -- What only grows may be written by whoever may not read it: a technician's reveal is for the managers to see.
    execute format('create policy enter on public.%I for insert to authenticated with check (%s)', t.name,
                   case when t.append_only then mine else reads end);
    if not t.append_only then
      execute format('grant update, delete on public.%I to authenticated', t.name);
      execute format('create policy change on public.%I for update to authenticated using (%s) with check (%s)',
                     t.name, reads, reads);
      execute format('create policy remove on public.%I for delete to authenticated using (%s)', t.name, reads);
    end if;
  end loop;
end $$;

-- The verifiers of PINs go to shared tablets, and everybody's own to themselves; both pull them, nobody selects them.
-- Others see that there is one, so that who may set it can.
revoke select on public.employee_pins from authenticated;
grant select (shop_id, id, employee_id, created_at, created_by, updated_at, updated_by, stamp, deleted_at, states)
  on public.employee_pins to authenticated;
grant update, delete on public.employee_pins to authenticated;
create policy read on public.employee_pins for select to authenticated
  using (shop_id = any ((select counterpart.my_shops())::uuid[]));
create policy enter on public.employee_pins for insert to authenticated
  with check (shop_id = any ((select counterpart.my_shops())::uuid[]));
create policy change on public.employee_pins for update to authenticated
  using (shop_id = any ((select counterpart.my_shops())::uuid[]))
  with check (shop_id = any ((select counterpart.my_shops())::uuid[]));
create policy remove on public.employee_pins for delete to authenticated
  using (shop_id = any ((select counterpart.my_shops())::uuid[]));

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
