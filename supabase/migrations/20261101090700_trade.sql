-- What one row does to others: events move tickets, movements the stock, an open ticket keeps its customer, an
-- employee's row decides about the account's membership, and a part number shared by two items is a conflict.

-- Whether a row was deleted so long ago that nothing but that is kept of it. It never comes back.
create function counterpart.is_forgotten(deleted_at timestamptz, states jsonb) returns boolean
language sql immutable parallel safe as $$ select deleted_at is not null and states = '{}' $$;

-- Decides what becomes of an event. One made on the status that the ticket still has must be a possible move of
-- somebody who may make it; one made on an older status counts if it leads forward.
create function counterpart.judge_event() returns trigger
language plpgsql as $$
declare
  ticket public.tickets;
  missing text;
begin
  select * into ticket from public.tickets as t where t.shop_id = new.shop_id and t.id = new.ticket_id;
  if not found then
    perform counterpart.refuse('not_found', 'ticket_id');
  elsif counterpart.is_forgotten(ticket.deleted_at, ticket.states) then
    perform counterpart.refuse('deleted', 'ticket_id');
  end if;
  new.outcome := 'applied';
  if ticket.status <> new."from" then
    if not counterpart.late_move_applies(ticket.status, ticket.on_hold_from, new."to") then
      new.outcome := 'history';
    end if;
  elsif row_security_active(tg_relid) then
    missing := counterpart.missing_for_move(ticket.status, new."to", ticket.on_hold_from, ticket.work_started_at is not null,
      counterpart.ms(new.created_at) - counterpart.ms(ticket.closed_at),
      (counterpart.at_work(new.shop_id, counterpart.operation() ->> 'actor')).rights);
    if missing is not null then
      perform counterpart.deny(missing);
    end if;
  end if;
  return new;
end $$;

-- Shows an event on its ticket. Work recorded on a ticket brings it back.
create function counterpart.move_ticket() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  ends boolean := not counterpart.is_open(new."to");
begin
  perform counterpart.keep(true);
  update public.tickets as t set
    deleted_at = null,
    work_started_at = case when new.outcome = 'applied' and new."to" = 'in_repair'
                           then coalesce(t.work_started_at, new.created_at) else t.work_started_at end,
    -- The person did not see the hold: the ticket stays on it, and goes back to where they moved it.
    on_hold_from = case when new.outcome = 'history' then t.on_hold_from
                        when t.status = 'on_hold' and new."from" <> 'on_hold'
                         and counterpart.status_rank(new."to") is not null and not ends then new."to"
                        when new."to" = 'on_hold' then new."from" end,
    closed_at = case when new.outcome = 'history'
                       or t.status = 'on_hold' and new."from" <> 'on_hold'
                      and counterpart.status_rank(new."to") is not null and not ends then t.closed_at
                     when ends then new.created_at end,
    status = case when new.outcome = 'history'
                    or t.status = 'on_hold' and new."from" <> 'on_hold'
                   and counterpart.status_rank(new."to") is not null and not ends then t.status
                  else new."to" end
  where t.shop_id = new.shop_id and t.id = new.ticket_id;
  perform counterpart.keep(false);
  return null;
end $$;

create trigger c_judge before insert on public.ticket_events
  for each row execute function counterpart.judge_event();
create trigger f_move after insert on public.ticket_events
  for each row execute function counterpart.move_ticket();

-- A movement of something that is not there is of nothing.
create function counterpart.judge_movement() returns trigger
language plpgsql as $$
declare
  forgotten boolean;
begin
  select counterpart.is_forgotten(i.deleted_at, i.states) into forgotten
  from public.inventory_items as i where i.shop_id = new.shop_id and i.id = new.item_id;
  if not found then
    perform counterpart.refuse('not_found', 'item_id');
  elsif forgotten then
    perform counterpart.refuse('deleted', 'item_id');
  end if;
  return new;
end $$;

-- Quantity and reservation are the sums of all movements, in any order. Work recorded on an item brings it back.
create function counterpart.move_stock() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform counterpart.keep(true);
  update public.inventory_items as i set
    deleted_at = null,
    quantity = i.quantity + case when new.kind in ('reserve', 'release') then 0 else new.quantity end,
    reserved = i.reserved + case new.kind when 'reserve' then new.quantity when 'release' then -new.quantity else 0 end
  where i.shop_id = new.shop_id and i.id = new.item_id;
  perform counterpart.keep(false);
  return null;
end $$;

create trigger c_judge before insert on public.stock_movements
  for each row execute function counterpart.judge_movement();
create trigger f_move after insert on public.stock_movements
  for each row execute function counterpart.move_stock();

-- Whoever has something here for repair is not deleted.
create function counterpart.has_open_tickets(shop uuid, customer text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from public.tickets as t where t.shop_id = shop and t.customer_id = customer and t.deleted_at is null
      and status NOT IN ('picked_up', 'cancelled', 'abandoned'));
end $$;

create function counterpart.keep_customer() returns trigger
language plpgsql as $$
begin
  if counterpart.has_open_tickets(new.shop_id, new.id) then
    perform counterpart.refuse('has_open_tickets');
  end if;
  return new;
end $$;

create trigger c_held before update of deleted_at on public.customers
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function counterpart.keep_customer();

-- And comes back, if they were deleted by somebody who did not know of the ticket.
create function counterpart.bring_customer_back() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.customers as c
             where c.shop_id = new.shop_id and c.id = new.customer_id and c.deleted_at is not null and c.states <> '{}') then
    perform counterpart.keep(true);
    update public.customers as c set deleted_at = null where c.shop_id = new.shop_id and c.id = new.customer_id;
    perform counterpart.keep(false);
  end if;
  return null;
end $$;

create trigger f_bring_back after insert or update on public.tickets
  for each row when (new.deleted_at is null and new.status not in ('picked_up', 'cancelled', 'abandoned'))
  execute function counterpart.bring_customer_back();

-- What devices may leave on the server with its ticket has to find the ticket there. One that is deleted stays so, and goes
-- along in the same commit: a device that began after the deletion has never heard of it.
create function counterpart.take_ticket_along() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  behind boolean;
begin
  select t.deleted_at is not null and t.stamp < new.stamp into behind
  from public.tickets as t where t.shop_id = new.shop_id and t.id = new.ticket_id;
  if not found then
    perform counterpart.refuse('not_found', 'ticket_id');
  elsif behind then
    perform counterpart.keep(true);
    update public.tickets as t set stamp = new.stamp where t.shop_id = new.shop_id and t.id = new.ticket_id;
    perform counterpart.keep(false);
  end if;
  return null;
end $$;

create trigger f_along after insert on public.ticket_notes
  for each row execute function counterpart.take_ticket_along();
create trigger f_along after insert or update on public.ticket_lines
  for each row when (not counterpart.keeps()) execute function counterpart.take_ticket_along();
create trigger f_along after insert or update on public.ticket_secrets
  for each row when (not counterpart.keeps()) execute function counterpart.take_ticket_along();
create trigger f_along after insert on public.secret_reveals
  for each row execute function counterpart.take_ticket_along();

-- An employee's row has the account's own id, and what it says of role and place holds for the account's membership.
-- A shared tablet is nobody's.
create function counterpart.follow_employee() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.members as m set role = new.role, active = new.active and new.deleted_at is null
  where m.shop_id = new.shop_id and m.account::text = new.id and not m.station;
  return null;
end $$;

create trigger f_follow after insert or update of role, active, deleted_at on public.employees
  for each row execute function counterpart.follow_employee();

-- Conflicts.

-- Writes a conflict as the shop itself decided it.
create function counterpart.put_conflict(shop uuid, wanted jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  n bigint := counterpart.commit_number(shop);
  moment timestamptz(3) := clock_timestamp();
  known jsonb;
  state jsonb := jsonb_build_object('stamp', n, 'at', counterpart.ms(moment), 'device', '');
  row public.conflicts;
begin
  select jsonb_object_agg(f.name, state) into known from counterpart.fields as f where f.tbl = 'conflicts';
  row := jsonb_populate_record(null::public.conflicts, wanted);
  perform counterpart.keep(true);
  insert into public.conflicts (shop_id, id, tbl, row_id, "field", base, mine, theirs, mine_by, theirs_by, on_stamp, "open",
                                created_at, created_by, updated_at, updated_by, states)
  values (shop, row.id, row.tbl, row.row_id, row."field", row.base, row.mine, row.theirs, row.mine_by, row.theirs_by,
          row.on_stamp, row."open", moment, row.created_by, moment, row.updated_by, known)
  on conflict (shop_id, id) do update set
    base = excluded.base, mine = excluded.mine, theirs = excluded.theirs, mine_by = excluded.mine_by,
    theirs_by = excluded.theirs_by, on_stamp = excluded.on_stamp, "open" = excluded."open", created_by = excluded.created_by,
    updated_at = excluded.updated_at, updated_by = excluded.updated_by, deleted_at = null, states = excluded.states;
  perform counterpart.keep(false);
end $$;

-- Another item with the same part number.
create function counterpart.item_with_sku(shop uuid, part text, but text) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select i.id from public.inventory_items as i
    where i.shop_id = shop and i.sku = part and i.deleted_at is null and i.id <> but
    order by i.id limit 1);
end $$;

-- Whether a conflict is about two rows with one value: its base names the other one and nothing else.
create function counterpart.names_two(base jsonb) returns boolean
language sql immutable parallel safe as $$
  select coalesce(jsonb_typeof(base) = 'object' and base - 'row' = '{}' and jsonb_typeof(base -> 'row') = 'string', false) $$;

-- Whether both rows that such a conflict names still have the same value.
create function counterpart.still_shared(conflict public.conflicts) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce(
    (select a.sku = b.sku from public.inventory_items as a, public.inventory_items as b
     where a.shop_id = conflict.shop_id and a.id = conflict.row_id and a.deleted_at is null
       and b.shop_id = conflict.shop_id and b.id = conflict.base ->> 'row' and b.deleted_at is null), false);
end $$;

-- Two items with one part number are both taken in, since both are facts, and somebody has to look. The conflict ends
-- when they differ again or one of them is gone.
create function counterpart.compare_sku() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  conflict public.conflicts;
  other text;
  pair text;
begin
  if counterpart.keeps() then
    return null;
  end if;
  for conflict in
    select c.* from public.conflicts as c
    where c.shop_id = new.shop_id and c.open and c.deleted_at is null and c.tbl = 'inventory_items'
      and new.id in (c.row_id, c.base ->> 'row') and counterpart.names_two(c.base)
  loop
    if not counterpart.still_shared(conflict) then
      perform counterpart.put_conflict(new.shop_id, to_jsonb(conflict) || '{"open": false}');
    end if;
  end loop;
  if new.deleted_at is not null or new.sku is null then
    return null;
  end if;
  other := counterpart.item_with_sku(new.shop_id, new.sku, new.id);
  pair := counterpart.derived_id('inventory_items', least(new.id, other collate "C"), greatest(new.id, other collate "C"),
                                 'sku', 'unique');
  if other is not null and not exists (
       select from public.conflicts as c where c.shop_id = new.shop_id and c.id = pair and c.open) then
    perform counterpart.put_conflict(new.shop_id, jsonb_build_object(
      'id', pair, 'tbl', 'inventory_items', 'row_id', new.id, 'field', 'sku', 'base', jsonb_build_object('row', other),
      'mine', new.sku, 'theirs', new.sku, 'mine_by', new.updated_by, 'on_stamp', new.stamp, 'open', true));
  end if;
  return null;
end $$;

create trigger f_sku after insert or update on public.inventory_items
  for each row execute function counterpart.compare_sku();

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
