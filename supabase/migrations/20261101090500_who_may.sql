-- Who may do what: the permission table of the trade, asked by the triggers of every table. Authority is the account's;
-- the person at work only narrows it, and a shared tablet is never more than technician and front desk.

-- The member of a shop that asks.
create type counterpart.member as (account text, role text, station boolean, employee text);

-- Who is at work: the account, the person that an operation names, and what both together may.
create type counterpart.who as (account text, role text, station boolean, actor text, actor_role text, rights text[]);

-- What the account that asks is in a shop; nothing where it is no member.
create function counterpart.member_of(shop uuid) returns counterpart.member
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select (m.account::text, m.role, m.station, case when not m.station then e.id end)::counterpart.member
    from public.members as m
    left join public.employees as e on e.shop_id = m.shop_id and e.id = m.account::text and e.deleted_at is null
    where m.shop_id = shop and m.account = counterpart.account() and m.active
      and (m.station or e.active is not false));
end $$;

create function counterpart.rights_of_role(role text) returns text[]
language plpgsql immutable parallel safe as $$
begin
  return case role
    when 'front_desk' then '{intake,own_appointments,own_pin,resolve_own,desk,appointments}'::text[]
    when 'technician' then '{intake,own_appointments,own_pin,resolve_own,bench,use_parts,count_stock}'
    when 'station' then '{intake,own_appointments,own_pin,resolve_own,desk,appointments,bench,use_parts,count_stock}'
    when 'manager' then '{intake,own_appointments,own_pin,resolve_own,desk,appointments,bench,use_parts,count_stock,'
      'lead,manage_stock,manage_customers,delete_tickets,money,employees,settings,resolve,audit}'
    when 'admin' then '{intake,own_appointments,own_pin,resolve_own,desk,appointments,bench,use_parts,count_stock,'
      'lead,manage_stock,manage_customers,delete_tickets,money,employees,settings,resolve,audit,pins}'
    when 'owner' then '{intake,own_appointments,own_pin,resolve_own,desk,appointments,bench,use_parts,count_stock,'
      'lead,manage_stock,manage_customers,delete_tickets,money,employees,settings,resolve,audit,pins}'
    else '{}'
  end;
end $$;

create function counterpart.rights(who counterpart.who) returns text[]
language plpgsql immutable parallel safe as $$
begin
  return case
    when who.actor_role is not null then array(
      select unnest(counterpart.rights_of_role(case when who.station then 'station' else who.role end))
      intersect select unnest(counterpart.rights_of_role(who.actor_role)))
    when who.station then '{}'
    else counterpart.rights_of_role(who.role)
  end;
end $$;

-- A person's own account needs nobody's word for it; anybody else narrows it by their role here, to nothing where they
-- are not here or not active.
create function counterpart.look_who(shop uuid, actor text) returns counterpart.who
language plpgsql stable security definer set search_path = '' as $$
declare
  who counterpart.who;
begin
  select m.account, m.role, m.station, look_who.actor,
         case when actor is not null and actor is distinct from m.employee then coalesce(
           (select e.role from public.employees as e
            where e.shop_id = shop and e.id = actor and e.active and e.deleted_at is null), '') end
  into who from counterpart.member_of(shop) as m where m.account is not null;
  who.rights := counterpart.rights(who);
  return who;
end $$;

-- The same, looked up once for all rows of a transaction, until a membership changes in it.
create function counterpart.at_work(shop uuid, actor text) returns counterpart.who
language plpgsql as $$
declare
  asked text := concat_ws(' ', shop, counterpart.account(), quote_nullable(actor)) || E'\n';
  known text := current_setting('counterpart.at_work', true);
  who counterpart.who;
begin
  if starts_with(known, asked) then
    return substr(known, length(asked) + 1)::counterpart.who;
  end if;
  who := counterpart.look_who(shop, actor);
  perform set_config('counterpart.at_work', asked || who::text, true);
  return who;
end $$;

create function counterpart.look_again() returns trigger
language plpgsql as $$
begin
  perform set_config('counterpart.at_work', '', true);
  return null;
end $$;

create trigger look_again after insert or update or delete on public.members
  for each statement execute function counterpart.look_again();

create function counterpart.role_rank(role text) returns integer
language sql immutable parallel safe as $$
  select case role when 'front_desk' then 0 when 'technician' then 0 when 'manager' then 1 when 'admin' then 2
                   when 'owner' then 3 end $$;

-- Whether the person at work stands above an employee; owners stand above owners too.
create function counterpart.outranks(who counterpart.who, theirs text) returns boolean
language plpgsql immutable parallel safe as $$
begin
  return (
    select coalesce(case when counterpart.role_rank(theirs) is null then false else mine > counterpart.role_rank(theirs) or mine = 3 end, false)
    from (select case when who.actor_role is null then counterpart.role_rank(who.role)
                 when counterpart.role_rank(who.actor_role) is null then null
                 else least(counterpart.role_rank(who.role), counterpart.role_rank(who.actor_role)) end as mine) as ranks);
end $$;

-- Whether a field would be set: at creation, to anything but what a new row has anyway.
create function counterpart.touches(tbl text, field text, verb text, after jsonb, changed text[]) returns boolean
language plpgsql stable as $$
begin
  return case verb
    when 'create' then (
      select after ->> field is not null and (f.optional or after ->> field is distinct from
        case f.kind when 'bool' then 'false' when 'int' then '0' when 'word' then f.words[1] end)
      from counterpart.fields as f where f.tbl = touches.tbl and f.name = field)
    when 'change' then field = any (changed)
    else false
  end;
end $$;

-- Whether one of the fields would be set that are the managers'.
create function counterpart.touches_managers(tbl text, verb text, after jsonb, changed text[]) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from counterpart.fields as f where f.tbl = touches_managers.tbl and f.policy = 'server'
      and counterpart.touches(touches_managers.tbl, f.name, verb, after, changed));
end $$;

-- What somebody lacks for a write, as a stable word; nothing where they may. `verb` is create, change or delete; the
-- rows are as they travel or as they are stored, which is the same here.
create function counterpart.missing_right(
  tbl text, verb text, before jsonb, after jsonb, changed text[], who counterpart.who) returns text
language plpgsql stable as $$
declare
  me text := coalesce(who.actor, who.account);
  deletes boolean := verb = 'delete';
  merges boolean;
  needed text[];
  word text;
begin
  if coalesce(cardinality(who.rights), 0) = 0 then
    return 'no_rights';
  elsif verb <> 'create' and tbl in ('ticket_notes', 'ticket_events', 'secret_reveals', 'stock_movements') then
    return 'append_only';
  end if;
  merges := case verb when 'create' then after ->> 'merged_into' is not null else 'merged_into' = any (changed) end;
  case tbl
    when 'customers' then
      word := case when deletes or merges then 'manage_customers' else 'intake' end;
    when 'tickets' then
      word := case when deletes then 'delete_tickets' else 'intake' end;
    when 'ticket_notes', 'ticket_lines', 'ticket_secrets', 'secret_reveals' then
      word := 'intake';
    when 'ticket_events' then
      word := 'move_tickets';
      needed := '{bench,desk,lead}';
    when 'inventory_items' then
      word := case when deletes or merges then 'manage_stock' else 'use_parts' end;
    when 'stock_movements' then
      word := case when after ->> 'kind' in ('use', 'return', 'reserve', 'release') then 'use_parts'
                   when after ->> 'kind' = 'count' then 'count_stock' else 'manage_stock' end;
    when 'item_costs', 'employee_pay' then
      word := 'money';
    when 'employees' then
      word := 'employees';
      if not (counterpart.outranks(who, after ->> 'role')
              and (before is null or counterpart.outranks(who, before ->> 'role'))) then
        return 'outrank';
      end if;
    when 'employee_pins' then
      word := 'own_pin';
      needed := case when after ->> 'employee_id' = me and (before is null or before ->> 'employee_id' = me)
                     then '{own_pin}' else '{pins}' end;
    when 'appointments' then
      word := 'own_appointments';
      needed := case when after ->> 'assignee_id' = me and (before is null or before ->> 'assignee_id' = me)
                     then '{own_appointments}' else '{appointments}' end;
    when 'shop_settings' then
      word := 'settings';
    when 'conflicts' then
      word := 'resolve';
      needed := case when me in (after ->> 'mine_by', after ->> 'theirs_by', before ->> 'mine_by', before ->> 'theirs_by')
                     then '{resolve_own}' else '{resolve}' end;
    else
      return 'unknown_table';
  end case;
  if not who.rights && coalesce(needed, array[word]) then
    return word;
  elsif not deletes and 'money' <> all (who.rights) and counterpart.touches_managers(tbl, verb, after, changed) then
    return 'managers_only';
  end if;
  return null;
end $$;

-- The way a ticket takes through the shop.

create function counterpart.status_rank(status text) returns integer
language sql immutable parallel safe as $$
  select case status when 'received' then 0 when 'diagnosing' then 1 when 'awaiting_approval' then 2 when 'approved' then 3
    when 'awaiting_parts' then 4 when 'in_repair' then 4 when 'qc' then 5 when 'ready' then 6 when 'picked_up' then 7 end $$;

create function counterpart.is_open(status text) returns boolean
language plpgsql immutable parallel safe as $$
begin
  return status not in ('picked_up', 'cancelled', 'abandoned');
end $$;

-- What is missing for a move, as a stable word; nothing where somebody with these rights may make it.
create function counterpart.missing_for_move(
  status text, becomes text, held_from text, work_started boolean, closed_for bigint, rights text[]) returns text
language plpgsql immutable parallel safe as $$
declare
  movers text[];
begin
  movers := case
    when status = 'on_hold' and becomes = 'on_hold' then null
    when becomes = 'cancelled' then
      case when counterpart.is_open(status) then case when work_started then '{lead}' else '{desk}' end end
    when status = 'on_hold' then case when held_from = becomes and counterpart.is_open(becomes) then '{bench,desk}' end
    when becomes = 'on_hold' then case when counterpart.is_open(status) then '{bench,desk}' end
    -- For a day a pick-up may be undone.
    when status = 'picked_up' and becomes = 'ready' then case when closed_for between 0 and 86400000 then '{lead}' end
    when status = 'received' and becomes in ('diagnosing', 'in_repair', 'awaiting_parts') then '{bench,desk}'
    when status = 'diagnosing' and becomes in ('awaiting_approval', 'awaiting_parts', 'in_repair', 'ready') then '{bench}'
    when status = 'awaiting_approval' and becomes in ('approved', 'ready') then '{bench,desk}'
    when status = 'approved' and becomes in ('awaiting_parts', 'in_repair') then '{bench}'
    when status = 'awaiting_parts' and becomes in ('in_repair', 'awaiting_approval', 'ready') then '{bench}'
    when status = 'in_repair' and becomes in ('qc', 'ready', 'awaiting_parts', 'awaiting_approval') then '{bench}'
    when status = 'qc' and becomes in ('ready', 'in_repair') then '{bench}'
    when status = 'ready' and becomes = 'picked_up' then '{desk}'
    when status = 'ready' and becomes = 'in_repair' then '{bench}'
    when status = 'ready' and becomes = 'abandoned' then '{lead}'
  end;
  return case when movers is null then 'status_order'
              when not rights && (movers || '{lead}'::text[]) then 'status_role' end;
end $$;

-- Whether an event still applies whose `from` is no longer the ticket's status: only forward, never to or from an end
-- or a hold. A ticket on hold stays there; what moves is the status that it goes back to.
create function counterpart.late_move_applies(status text, held_from text, becomes text) returns boolean
language sql immutable parallel safe as $$
  select coalesce(counterpart.is_open(status) and counterpart.status_rank(becomes) >
    counterpart.status_rank(case when status = 'on_hold' then coalesce(held_from, status) else status end), false) $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
