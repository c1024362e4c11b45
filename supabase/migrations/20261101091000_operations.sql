-- One operation against the shop's rows: merged field by field, then written as its author would write it, so that
-- policies, triggers and constraints judge it as they judge everybody.

-- The push that operations come in: from whom, as which commit, when.
create type counterpart.push as (shop uuid, device text, member counterpart.member, n bigint, now bigint);

-- What became of an operation.
create type counterpart.applied as (outcome text, code text, field text);

-- What merging made of a row: the fields that were named, those that others hold, those that somebody has to choose
-- between, and what the audit says of it.
create type counterpart.merged as (
  body jsonb, states jsonb, named text[], lost text[], clashes jsonb, audit jsonb);

create function counterpart.reads(member counterpart.member, readers text) returns boolean
language sql immutable parallel safe as $$
  select readers <> 'managers' or not member.station and member.role in ('owner', 'admin', 'manager') $$;

-- What a field of a new row is: no, zero and the first word where it needs something, nothing elsewhere.
create function counterpart.blank_value(f counterpart.fields) returns jsonb
language plpgsql immutable parallel safe as $$
begin
  return case when f.optional then 'null'
    else case f.kind when 'bool' then 'false' when 'int' then '0' when 'word' then to_jsonb(f.words[1]) else 'null' end end;
end $$;

create function counterpart.blank_row(tbl text) returns jsonb
language plpgsql stable as $$
begin
  return (select jsonb_object_agg(f.name, counterpart.blank_value(f)) from counterpart.fields as f where f.tbl = blank_row.tbl);
end $$;

-- A field's value, or that of one of its entries.
create function counterpart.current_value(body jsonb, name text) returns jsonb
language sql immutable parallel safe as $$
  select coalesce(case when strpos(name, '/') = 0 then body -> name
    else nullif(body -> split_part(name, '/', 1), 'null') -> substr(name, strpos(name, '/') + 1) end, 'null') $$;

-- A row's body with a field, or one of its entries, set.
create function counterpart.with_value(body jsonb, f counterpart.fields, name text, value jsonb) returns jsonb
language plpgsql stable as $$
declare
  entry text := case when strpos(name, '/') > 0 then substr(name, strpos(name, '/') + 1) end;
  whole jsonb := body -> f.name;
begin
  if entry is not null then
    whole := case when jsonb_typeof(whole) = 'object' then whole else '{}' end;
    value := case when value = 'null' then whole - entry else whole || jsonb_build_object(entry, value) end;
  end if;
  return body || jsonb_build_object(f.name, counterpart.cell(f, value));
end $$;

-- When an edit was made, within what can be believed: after the commit that it was made on, before now.
create function counterpart.edit_time(p counterpart.push, op jsonb, edit jsonb, base bigint) returns bigint
language plpgsql stable as $$
begin
  return least(p.now, greatest(coalesce(nullif((edit ->> 'at')::bigint, 0), (op ->> 'at')::bigint),
                               case when base > 0 then counterpart.commit_time(p.shop, base) else 0 end));
end $$;

create function counterpart.refuse_edit(op jsonb, f counterpart.fields) returns void
language plpgsql stable as $$
begin
  if f.name is null then
    perform counterpart.refuse_value(op ->> 'table' || '.row', 'unknown_field', 'names a field that does not exist');
  elsif f.policy in ('counter', 'event') then
    perform counterpart.refuse_value(f.tbl || '.' || f.name, 'kept', 'is kept by the shop and cannot be set');
  elsif f.policy = 'fixed' and op ->> 'kind' = 'patch' then
    perform counterpart.refuse_value(f.tbl || '.' || f.name, 'fixed', 'cannot be changed once set');
  end if;
end $$;

-- Merges every edit of an operation into a row. A value that is not of its field's kind refuses the operation.
create function counterpart.merge_fields(p counterpart.push, op jsonb, before jsonb, states jsonb)
returns counterpart.merged
language plpgsql stable as $$
declare
  m counterpart.merged := (before, states, '{}', '{}', '[]', '[]')::counterpart.merged;
  v counterpart.verdict;
  each_edit record;
  f counterpart.fields;
  name text;
  edit jsonb;
  value jsonb;
  since bigint;
  base bigint;
begin
  for each_edit in
    select e.key, e.value, k as field from jsonb_each(op -> 'fields') as e
    left join counterpart.fields as k on k.tbl = op ->> 'table' and k.name = split_part(e.key, '/', 1)
    order by e.key collate "C"
  loop
    name := each_edit.key;
    edit := each_edit.value;
    f := each_edit.field;
    perform counterpart.refuse_edit(op, f);
    m.named := m.named || f.name::text;
    value := counterpart.current_value(m.body, name);
    since := coalesce((edit ->> 'on')::bigint, 0);
    base := case when since <> 0 then counterpart.known_commit(p.shop, since) else 0 end;
    v := counterpart.merge(f.policy, f.element, value, coalesce(m.states -> name, '{}'), edit, base,
                           counterpart.edit_time(p, op, edit, base), p.device, p.n);
    if v.word = 'becomes' then
      m.body := counterpart.with_value(m.body, f, name, v.value);
    elsif v.word = 'lost' then
      m.lost := m.lost || name;
    elsif v.word = 'conflict' then
      m.clashes := m.clashes || jsonb_build_object('field', name, 'base', coalesce(edit -> 'was', 'null'), 'mine', edit -> 'to',
        'theirs', value, 'on_stamp', coalesce((m.states -> name ->> 'stamp')::bigint, 0),
        'theirs_by', coalesce(counterpart.author_of(p.shop, f.tbl, op ->> 'row', name), before ->> 'updated_by'));
    end if;
    if v.word in ('becomes', 'same') then
      m.states := m.states || jsonb_build_object(name, v.state);
    end if;
    if v.word <> 'same' then
      m.audit := m.audit || jsonb_build_object('field', name, 'was', value, 'kept', v.word = 'becomes',
        'became', case when edit ? 'elements' then edit #> '{elements,add}' else edit -> 'to' end);
    end if;
  end loop;
  return m;
end $$;

-- Whether a row has every value already that an operation sets.
create function counterpart.says_the_same(op jsonb, body jsonb) returns boolean
language plpgsql stable as $$
declare
  each_edit record;
  f counterpart.fields;
  name text;
  edit jsonb;
begin
  for each_edit in
    select e.key, e.value, k as field from jsonb_each(op -> 'fields') as e
    left join counterpart.fields as k on k.tbl = op ->> 'table' and k.name = split_part(e.key, '/', 1)
  loop
    name := each_edit.key;
    edit := each_edit.value;
    f := each_edit.field;
    if f.name is null or edit ? 'elements' then
      return false;
    elsif strpos(name, '/') > 0 then
      if edit -> 'to' <> counterpart.current_value(body, name) then
        return false;
      end if;
    elsif coalesce(counterpart.cell(f, edit -> 'to'), 'null') <> counterpart.current_value(body, name) then
      return false;
    end if;
  end loop;
  return true;
exception when check_violation then
  return false;
end $$;

-- Tells the triggers whose work the next rows are.
create function counterpart.announce(p counterpart.push, op jsonb, named text[]) returns void
language plpgsql as $$
begin
  perform set_config('counterpart.operation', jsonb_build_object(
      'device', p.device, 'actor', op ->> 'actor', 'fields', named::text)::text, true);
end $$;

-- Enters new rows of a table. Every table has its own statement, so that its plan is kept.
create function counterpart.enter_rows(tbl text, bodies jsonb) returns void
language plpgsql as $$
begin
  case tbl
    when 'shop_settings' then insert into public.shop_settings select * from jsonb_populate_recordset(null::public.shop_settings, bodies);
    when 'employees' then insert into public.employees select * from jsonb_populate_recordset(null::public.employees, bodies);
    when 'employee_pay' then insert into public.employee_pay select * from jsonb_populate_recordset(null::public.employee_pay, bodies);
    when 'employee_pins' then insert into public.employee_pins select * from jsonb_populate_recordset(null::public.employee_pins, bodies);
    when 'customers' then insert into public.customers select * from jsonb_populate_recordset(null::public.customers, bodies);
    when 'inventory_items' then insert into public.inventory_items select * from jsonb_populate_recordset(null::public.inventory_items, bodies);
    when 'item_costs' then insert into public.item_costs select * from jsonb_populate_recordset(null::public.item_costs, bodies);
    when 'tickets' then insert into public.tickets select * from jsonb_populate_recordset(null::public.tickets, bodies);
    when 'ticket_notes' then insert into public.ticket_notes select * from jsonb_populate_recordset(null::public.ticket_notes, bodies);
    when 'ticket_events' then insert into public.ticket_events select * from jsonb_populate_recordset(null::public.ticket_events, bodies);
    when 'ticket_lines' then insert into public.ticket_lines select * from jsonb_populate_recordset(null::public.ticket_lines, bodies);
    when 'ticket_secrets' then insert into public.ticket_secrets select * from jsonb_populate_recordset(null::public.ticket_secrets, bodies);
    when 'secret_reveals' then insert into public.secret_reveals select * from jsonb_populate_recordset(null::public.secret_reveals, bodies);
    when 'stock_movements' then insert into public.stock_movements select * from jsonb_populate_recordset(null::public.stock_movements, bodies);
    when 'appointments' then insert into public.appointments select * from jsonb_populate_recordset(null::public.appointments, bodies);
    when 'conflicts' then insert into public.conflicts select * from jsonb_populate_recordset(null::public.conflicts, bodies);
  end case;
end $$;

-- Changes a row to what this says, and says whether it could. Every table has its own statement here too: planned once,
-- where one put together for the fields that an operation names would be planned anew each time.
do $$
declare
  arms text;
begin
  select string_agg(format(
    'when %1$L then update public.%1$I as t set %2$s
       from jsonb_populate_record(null::public.%1$I, body) as w where t.shop_id = shop and t.id = change_row.id;',
    k.name, (select string_agg(format('%I = w.%1$I', f.name), ', ' order by f.place)
             from counterpart.fields as f where f.tbl = k.name)
            || ', updated_at = w.updated_at, updated_by = w.updated_by, deleted_at = w.deleted_at, states = w.states'),
    E'\n' order by k.place)
  into arms from counterpart.tables as k where not k.append_only;
  execute format('create function counterpart.change_row(shop uuid, tbl text, id text, body jsonb) returns boolean
    language plpgsql set plan_cache_mode = force_generic_plan as $f$
    begin
      case tbl
      %s
      end case;
      return found;
    end $f$', arms);
end $$;

-- Writes a row under its author's own rights. One that is not touched may not be.
create function counterpart.write_row(p counterpart.push, op jsonb, m counterpart.merged, creates boolean, deleted_at timestamptz)
returns void
language plpgsql as $$
declare
  at text := counterpart.time_text(counterpart.at_ms(least((op ->> 'at')::bigint, p.now)));
  body jsonb := m.body || jsonb_build_object('states', m.states, 'updated_at', at, 'updated_by', op -> 'actor', 'deleted_at', deleted_at);
begin
  perform counterpart.announce(p, op, m.named);
  if creates then
    body := body || jsonb_build_object('shop_id', p.shop, 'id', op ->> 'row', 'created_at', at, 'created_by', op -> 'actor');
    perform counterpart.enter_rows(op ->> 'table', jsonb_build_array(body));
    return;
  end if;
  if not counterpart.change_row(p.shop, op ->> 'table', op ->> 'row', body) then
    perform counterpart.refuse('denied');
  end if;
end $$;

-- Opens a conflict for each clash, or brings the open one up to date: it keeps what the first began from, unless it is
-- about a sum, which moves on.
create function counterpart.open_conflicts(p counterpart.push, op jsonb, clashes jsonb) returns void
language plpgsql as $$
declare
  clash jsonb;
  id text;
  earlier jsonb;
  keeps boolean;
begin
  for clash in select jsonb_array_elements(clashes) loop
    id := counterpart.derived_id(op ->> 'table', op ->> 'row', clash ->> 'field', 'conflict');
    earlier := (counterpart.kept_row(p.shop, 'conflicts', id)).wire;
    keeps := earlier -> 'open' = 'true' and not exists (
      select from counterpart.fields as f
      where f.tbl = op ->> 'table' and f.name = clash ->> 'field' and f.policy = 'counter');
    perform counterpart.put_conflict(p.shop, clash || jsonb_build_object(
      'id', id, 'tbl', op ->> 'table', 'row_id', op ->> 'row', 'open', true,
      'mine_by', coalesce(op ->> 'actor', op ->> 'account'),
      'base', case when keeps then earlier -> 'base' else clash -> 'base' end));
  end loop;
end $$;

-- Whether a choice comes too late to close its conflict, which then stays open or is opened anew: the conflict was
-- decided or brought up to date since, the field was changed again, or what it is about still stands.
create function counterpart.reopen(
  p counterpart.push, op jsonb, before jsonb, states jsonb, inout body jsonb, out again boolean)
language plpgsql stable as $$
declare
  choice jsonb := op -> 'fields' -> 'open';
  since bigint;
  about record;
  state jsonb;
begin
  again := false;
  if choice -> 'to' is distinct from 'false' then
    return;
  end if;
  since := counterpart.known_commit(p.shop, coalesce((choice ->> 'on')::bigint, 0));
  again := coalesce((states -> 'open' ->> 'stamp')::bigint > since and states -> 'open' ->> 'device' <> p.device, false);
  if counterpart.names_two(before -> 'base') then
    again := again or counterpart.still_shared(
      jsonb_populate_record(null::public.conflicts, before || jsonb_build_object('shop_id', p.shop)));
  elsif exists (select from counterpart.tables as t where t.name = before ->> 'tbl') then
    about := counterpart.kept_row(p.shop, before ->> 'tbl', before ->> 'row_id');
    state := about.states -> (before ->> 'field');
    if (state ->> 'stamp')::bigint > since and state ->> 'device' <> p.device then
      again := true;
      body := body || jsonb_build_object('theirs', counterpart.current_value(about.wire, before ->> 'field'),
        'theirs_by', about.wire -> 'updated_by', 'on_stamp', state -> 'stamp');
    end if;
  end if;
  if again then
    body := body || '{"open": true}';
  end if;
end $$;

-- A new row, or fields of one that is there. An edit made before a deletion brings the row back.
create function counterpart.set_fields(p counterpart.push, op jsonb, before jsonb, states jsonb) returns counterpart.applied
language plpgsql as $$
declare
  m counterpart.merged;
  creates boolean := op ->> 'kind' = 'insert';
  reopened boolean := false;
begin
  -- Made twice under one id, from one cause: nothing is left to do, whoever asks.
  if creates and before is not null and before ->> 'deleted_at' is null and counterpart.says_the_same(op, before) then
    return ('applied', null, null)::counterpart.applied;
  elsif before is null and not creates then
    perform counterpart.refuse('not_found');
  elsif not creates and counterpart.is_forgotten((before ->> 'deleted_at')::timestamptz, states) then
    perform counterpart.refuse('deleted');
  end if;
  m := counterpart.merge_fields(p, op, coalesce(before, counterpart.blank_row(op ->> 'table')), coalesce(states, '{}'));
  if op ->> 'table' = 'conflicts' and before is not null then
    select r.body, r.again into m.body, reopened from counterpart.reopen(p, op, before, states, m.body) as r;
    m.named := m.named || case when reopened then '{open,theirs,theirs_by,on_stamp}'::text[] else '{}' end;
  end if;
  perform counterpart.write_row(p, op, m, before is null, null);
  perform counterpart.keep_audit(p, op, m.audit);
  perform counterpart.open_conflicts(p, op, m.clashes);
  if op ->> 'table' = 'inventory_items' and m.clashes = '[]' and m.body ->> 'sku' is not null
     and counterpart.item_with_sku(p.shop, m.body ->> 'sku', op ->> 'row') is not null then
    return ('conflict', 'not_unique', 'sku')::counterpart.applied;
  elsif m.clashes <> '[]' then
    return ('conflict', 'conflict', m.clashes -> 0 ->> 'field')::counterpart.applied;
  elsif m.lost <> '{}' then
    return ('merged', 'lost', m.lost[1])::counterpart.applied;
  elsif reopened then
    return ('conflict', 'reopened', null)::counterpart.applied;
  elsif not creates and before ->> 'deleted_at' is not null then
    return ('applied', 'brought_back', null)::counterpart.applied;
  end if;
  return ('applied', null, null)::counterpart.applied;
end $$;

-- What is wiped on schedule is in no audit.
create function counterpart.keep_audit(p counterpart.push, op jsonb, entries jsonb) returns void
language plpgsql as $$
begin
  if entries <> '[]' and not (select t.secret from counterpart.tables as t where t.name = op ->> 'table') then
    perform counterpart.audit_operation(p.shop, op ->> 'table', op ->> 'row', entries, op ->> 'actor', p.device, (op ->> 'at')::bigint);
  end if;
end $$;

-- A deletion, unless somebody changed the row without knowing of it: an edit beats a deletion.
create function counterpart.remove_row(p counterpart.push, op jsonb, before jsonb, states jsonb) returns counterpart.applied
language plpgsql as $$
declare
  newest bigint;
  since bigint := coalesce((op ->> 'on')::bigint, 0);
begin
  if before is null or before ->> 'deleted_at' is not null then
    -- Gone already: what was wanted is so.
    return ('applied', null, null)::counterpart.applied;
  end if;
  perform counterpart.judge(op ->> 'table', 'delete', before, before, '{}', p.shop, op ->> 'actor');
  if op ->> 'table' = 'customers' and counterpart.has_open_tickets(p.shop, op ->> 'row') then
    perform counterpart.refuse('has_open_tickets');
  end if;
  select max((s.value ->> 'stamp')::bigint) into newest from jsonb_each(states) as s where s.value ->> 'device' <> p.device;
  if newest > (case when since = 0 then 0 else counterpart.known_commit(p.shop, since) end) then
    return ('merged', 'edited_meanwhile', null)::counterpart.applied;
  end if;
  perform counterpart.write_row(p, op, (before, states, '{}', '{}', '[]', '[]')::counterpart.merged, false,
                                counterpart.at_ms(p.now));
  return ('applied', null, null)::counterpart.applied;
end $$;

-- What a count that has just moved its item is in conflict with: counts by other devices that landed after the version of
-- the item it was made on. Each side is the sum as it would be without the other; base is the sum with neither, so that
-- mine and theirs less base is always what the item has.
create function counterpart.count_clash(p counterpart.push, op jsonb, movement jsonb) returns jsonb
language plpgsql as $$
declare
  since bigint := counterpart.known_commit(p.shop, coalesce((op ->> 'on')::bigint, 0));
  item text := movement ->> 'item_id';
  shown bigint;
  unseen bigint;
  latest record;
  mine bigint;
  theirs bigint;
begin
  select sum(m.quantity) over (), m.quantity, m.stamp, m.created_by into latest
  from public.stock_movements as m
  where m.shop_id = p.shop and m.item_id = item and m.kind = 'count' and m.stamp > since
    and exists (select from jsonb_each(m.states) as s
                where s.value ->> 'device' <> p.device and (s.value ->> 'stamp')::bigint > since)
  order by m.stamp desc, m.id desc limit 1;
  if not found then
    return null;
  end if;
  unseen := latest.sum;
  select i.quantity into shown from public.inventory_items as i where i.shop_id = p.shop and i.id = item;
  mine := shown - unseen;
  theirs := shown - (unseen - latest.quantity) - (movement ->> 'quantity')::bigint;
  return jsonb_build_object('field', 'quantity', 'base', mine + theirs - shown, 'mine', mine, 'theirs', theirs,
                            'theirs_by', latest.created_by, 'on_stamp', latest.stamp);
end $$;

-- A row of a table that only grows.
create function counterpart.append_row(p counterpart.push, op jsonb, before jsonb) returns counterpart.applied
language plpgsql as $$
declare
  m counterpart.merged := counterpart.merge_fields(p, op, counterpart.blank_row(op ->> 'table'), '{}');
  differs text;
  clash jsonb;
begin
  if before is not null then
    -- Made by two devices from the same cause: one row. The same id for something else is not.
    select f.name into differs from counterpart.fields as f
    where f.tbl = op ->> 'table' and f.policy not in ('counter', 'event')
      and nullif(before -> f.name, 'null') is distinct from nullif(m.body -> f.name, 'null')
    order by f.place limit 1;
    if differs is not null then
      perform counterpart.refuse('id_taken', differs);
    end if;
    return ('applied', null, null)::counterpart.applied;
  end if;
  perform counterpart.write_row(p, op, m, true, null);
  perform counterpart.keep_audit(p, op, m.audit);
  -- It was judged, and moved nothing: it came too late to.
  if op ->> 'table' = 'ticket_events'
     and (counterpart.kept_row(p.shop, 'ticket_events', op ->> 'row')).wire ->> 'outcome' = 'history' then
    return ('applied', 'history', null)::counterpart.applied;
  end if;
  if op ->> 'table' = 'stock_movements' and m.body ->> 'kind' = 'count' then
    clash := counterpart.count_clash(p, op, m.body);
    if clash is not null then
      perform counterpart.open_conflicts(
        p, op || jsonb_build_object('table', 'inventory_items', 'row', m.body ->> 'item_id'), jsonb_build_array(clash));
      return ('conflict', 'conflict', 'quantity')::counterpart.applied;
    end if;
  end if;
  return ('applied', null, null)::counterpart.applied;
end $$;

-- Applies an operation, or raises what refuses it.
create function counterpart.apply(p counterpart.push, op jsonb) returns counterpart.applied
language plpgsql as $$
declare
  t counterpart.tables;
  before record;
begin
  select * into t from counterpart.tables as k where k.name = op ->> 'table';
  if not found then
    perform counterpart.refuse('unknown_table');
  -- What only grows may be written by whoever may not read it: a technician's reveal is for the managers to see.
  elsif not (t.append_only or counterpart.reads(p.member, t.readers)) then
    perform counterpart.refuse('denied');
  end if;
  before := counterpart.kept_row(p.shop, t.name, op ->> 'row');
  if op ->> 'kind' = 'append' and t.append_only then
    return counterpart.append_row(p, op, before.wire);
  elsif op ->> 'kind' in ('insert', 'patch') and not t.append_only then
    return counterpart.set_fields(p, op, before.wire, before.states);
  elsif op ->> 'kind' = 'delete' and not t.append_only then
    return counterpart.remove_row(p, op, before.wire, before.states);
  end if;
  perform counterpart.refuse('kind');
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
