-- What is known of the tables and their fields, as the entity files say it; a test holds the one to the other. Merging,
-- ranges and messages read it, so that none of them names a table.

create table counterpart.tables (
  name text collate "C" primary key,
  -- Its place in the schema: parents before children.
  place integer not null unique,
  append_only boolean not null,
  -- Whether nothing of it is in the audit.
  secret boolean not null,
  -- The field that names the row that a row belongs to, and that row's table.
  parent text,
  parents text,
  -- Who receives its rows: every member, managers, or shared tablets and everybody the own.
  readers text not null check (readers in ('members', 'managers', 'stations_and_own')),
  -- A condition that is true of a row outside the window; `:edge` is now less the window.
  outside text,
  days integer,
  -- The field whose value one row alone should have.
  one_of_a_kind text
);

create table counterpart.fields (
  tbl text collate "C" not null references counterpart.tables (name),
  name text collate "C" not null,
  place integer not null,
  kind text not null check (kind in ('text', 'int', 'bool', 'time', 'id', 'word', 'json', 'map', 'set')),
  optional boolean not null,
  policy text not null check (policy in
    ('latest', 'set', 'counter', 'true_wins', 'server', 'client', 'manual', 'order', 'event', 'fixed')),
  -- What a set's elements are.
  element text check (element in ('word', 'email', 'phone')),
  -- The words that it may be, or that a map's values may be.
  words text[],
  -- The limit of its length, its range or its number of entries.
  least bigint,
  most bigint,
  primary key (tbl, name)
);

alter table counterpart.tables enable row level security;
alter table counterpart.fields enable row level security;
create policy everybody on counterpart.tables for select to authenticated, service_role using (true);
create policy everybody on counterpart.fields for select to authenticated, service_role using (true);
grant select on counterpart.tables, counterpart.fields to authenticated, service_role;

insert into counterpart.tables values
  ('shop_settings', 0, false, false, null, null, 'members', null, null, null),
  ('employees', 1, false, false, null, null, 'members', null, null, null),
  ('employee_pay', 2, false, false, 'employee_id', 'employees', 'managers', null, null, null),
  ('employee_pins', 3, false, true, 'employee_id', 'employees', 'stations_and_own', null, null, null),
  ('customers', 4, false, false, null, null, 'members', null, null, null),
  ('inventory_items', 5, false, false, null, null, 'members', null, null, 'sku'),
  ('item_costs', 6, false, false, 'item_id', 'inventory_items', 'managers', null, null, null),
  ('tickets', 7, false, false, null, null, 'members', 'status IN (''picked_up'', ''cancelled'', ''abandoned'') AND closed_at < :edge', 90, null),
  ('ticket_notes', 8, true, false, 'ticket_id', 'tickets', 'members', null, null, null),
  ('ticket_events', 9, true, false, 'ticket_id', 'tickets', 'members', null, null, null),
  ('ticket_lines', 10, false, false, 'ticket_id', 'tickets', 'members', null, null, null),
  ('ticket_secrets', 11, false, true, 'ticket_id', 'tickets', 'members', null, null, null),
  ('secret_reveals', 12, true, false, 'ticket_id', 'tickets', 'managers', null, null, null),
  ('stock_movements', 13, true, false, 'item_id', 'inventory_items', 'members', null, null, null),
  ('appointments', 14, false, false, null, null, 'members', 'ends_at < :edge', 60, null),
  ('conflicts', 15, false, false, null, null, 'members', null, null, null);

insert into counterpart.fields values
  ('shop_settings', 'name', 0, 'text', false, 'server', null, null, 1, 120),
  ('shop_settings', 'time_zone', 1, 'text', false, 'server', null, null, null, null),
  ('shop_settings', 'currency', 2, 'text', false, 'server', null, null, null, null),
  ('shop_settings', 'status_labels', 3, 'json', true, 'server', null, null, null, 50),
  ('shop_settings', 'ticket_window_days', 4, 'int', true, 'server', null, null, 1, 3650),
  ('shop_settings', 'appointment_window_days', 5, 'int', true, 'server', null, null, 1, 3650),
  ('shop_settings', 'feature_flags', 6, 'json', true, 'server', null, null, null, 200),
  ('employees', 'first_name', 0, 'text', true, 'server', null, null, 1, 120),
  ('employees', 'last_name', 1, 'text', true, 'server', null, null, 1, 120),
  ('employees', 'email', 2, 'text', true, 'server', null, null, null, null),
  ('employees', 'phone', 3, 'text', true, 'server', null, null, null, null),
  ('employees', 'role', 4, 'word', false, 'server', null, '{front_desk,technician,manager,admin,owner}', null, null),
  ('employees', 'colour', 5, 'text', true, 'server', null, null, null, null),
  ('employees', 'active', 6, 'bool', false, 'server', null, null, null, null),
  ('employee_pay', 'employee_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('employee_pay', 'hourly_rate_cents', 1, 'int', false, 'latest', null, null, 0, 99999999999),
  ('employee_pins', 'employee_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('employee_pins', 'verifier', 1, 'text', false, 'latest', null, null, 1, 512),
  ('customers', 'first_name', 0, 'text', true, 'latest', null, null, 1, 120),
  ('customers', 'last_name', 1, 'text', true, 'latest', null, null, 1, 120),
  ('customers', 'company', 2, 'text', true, 'latest', null, null, 1, 120),
  ('customers', 'phones', 3, 'set', true, 'set', 'phone', null, null, 20),
  ('customers', 'emails', 4, 'set', true, 'set', 'email', null, null, 20),
  ('customers', 'address', 5, 'json', true, 'latest', null, null, null, null),
  ('customers', 'notes', 6, 'text', true, 'manual', null, null, 0, 4000),
  ('customers', 'tags', 7, 'set', true, 'set', 'word', null, null, 50),
  ('customers', 'sms_opt_out', 8, 'bool', false, 'true_wins', null, null, null, null),
  ('customers', 'email_opt_out', 9, 'bool', false, 'true_wins', null, null, null, null),
  ('customers', 'tax_exempt', 10, 'bool', false, 'server', null, null, null, null),
  ('customers', 'merged_into', 11, 'id', true, 'latest', null, null, null, null),
  ('inventory_items', 'sku', 0, 'text', true, 'latest', null, null, 1, 64),
  ('inventory_items', 'barcode', 1, 'text', true, 'latest', null, null, 1, 64),
  ('inventory_items', 'name', 2, 'text', false, 'latest', null, null, 1, 120),
  ('inventory_items', 'category', 3, 'text', true, 'latest', null, null, 0, 120),
  ('inventory_items', 'brand', 4, 'text', true, 'latest', null, null, 0, 120),
  ('inventory_items', 'compatible_models', 5, 'set', true, 'set', 'word', null, null, 200),
  ('inventory_items', 'price_cents', 6, 'int', true, 'server', null, null, 0, 99999999999),
  ('inventory_items', 'supplier', 7, 'text', true, 'latest', null, null, 0, 120),
  ('inventory_items', 'bin', 8, 'text', true, 'latest', null, null, 0, 64),
  ('inventory_items', 'reorder_level', 9, 'int', true, 'latest', null, null, 0, 1000000000),
  ('inventory_items', 'quantity', 10, 'int', false, 'counter', null, null, null, null),
  ('inventory_items', 'reserved', 11, 'int', false, 'counter', null, null, null, null),
  ('inventory_items', 'merged_into', 12, 'id', true, 'latest', null, null, null, null),
  ('item_costs', 'item_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('item_costs', 'cost_cents', 1, 'int', false, 'latest', null, null, 0, 99999999999),
  ('tickets', 'number', 0, 'text', true, 'fixed', null, null, 1, 32),
  ('tickets', 'customer_id', 1, 'id', false, 'latest', null, null, null, null),
  ('tickets', 'device_kind', 2, 'text', true, 'latest', null, null, 0, 60),
  ('tickets', 'device_brand', 3, 'text', true, 'latest', null, null, 0, 120),
  ('tickets', 'device_model', 4, 'text', true, 'latest', null, null, 0, 120),
  ('tickets', 'device_serial', 5, 'text', true, 'latest', null, null, 0, 120),
  ('tickets', 'imei', 6, 'text', true, 'latest', null, null, null, null),
  ('tickets', 'device_colour', 7, 'text', true, 'latest', null, null, 0, 60),
  ('tickets', 'subject', 8, 'text', false, 'latest', null, null, 1, 200),
  ('tickets', 'problem', 9, 'text', true, 'manual', null, null, 0, 8000),
  ('tickets', 'diagnosis', 10, 'text', true, 'manual', null, null, 0, 8000),
  ('tickets', 'priority', 11, 'word', false, 'latest', null, '{normal,low,high,urgent}', null, null),
  ('tickets', 'due_at', 12, 'time', true, 'latest', null, null, null, null),
  ('tickets', 'assignee_id', 13, 'id', true, 'latest', null, null, null, null),
  ('tickets', 'status', 14, 'word', false, 'event', null, '{received,diagnosing,awaiting_approval,approved,awaiting_parts,in_repair,qc,ready,picked_up,on_hold,cancelled,abandoned}', null, null),
  ('tickets', 'on_hold_from', 15, 'word', true, 'event', null, '{received,diagnosing,awaiting_approval,approved,awaiting_parts,in_repair,qc,ready,picked_up,on_hold,cancelled,abandoned}', null, null),
  ('tickets', 'work_started_at', 16, 'time', true, 'event', null, null, null, null),
  ('tickets', 'closed_at', 17, 'time', true, 'event', null, null, null, null),
  ('tickets', 'estimate_cents', 18, 'int', true, 'latest', null, null, 0, 99999999999),
  ('tickets', 'approved_cents', 19, 'int', true, 'latest', null, null, 0, 99999999999),
  ('tickets', 'accessories', 20, 'set', true, 'set', 'word', null, null, 50),
  ('tickets', 'tags', 21, 'set', true, 'set', 'word', null, null, 50),
  ('tickets', 'intake_checklist', 22, 'map', true, 'latest', null, '{untested,pass,fail,na}', null, 100),
  ('tickets', 'warranty_until', 23, 'time', true, 'latest', null, null, null, null),
  ('tickets', 'warranty_of', 24, 'id', true, 'latest', null, null, null, null),
  ('ticket_notes', 'ticket_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('ticket_notes', 'kind', 1, 'word', false, 'fixed', null, '{internal,customer,diagnostic}', null, null),
  ('ticket_notes', 'body', 2, 'text', false, 'fixed', null, null, 1, 10000),
  ('ticket_events', 'ticket_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('ticket_events', 'from', 1, 'word', false, 'fixed', null, '{received,diagnosing,awaiting_approval,approved,awaiting_parts,in_repair,qc,ready,picked_up,on_hold,cancelled,abandoned}', null, null),
  ('ticket_events', 'to', 2, 'word', false, 'fixed', null, '{received,diagnosing,awaiting_approval,approved,awaiting_parts,in_repair,qc,ready,picked_up,on_hold,cancelled,abandoned}', null, null),
  ('ticket_events', 'reason', 3, 'text', true, 'fixed', null, null, 0, 1000),
  ('ticket_events', 'outcome', 4, 'word', false, 'event', null, '{pending,applied,history}', null, null),
  ('ticket_lines', 'ticket_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('ticket_lines', 'kind', 1, 'word', false, 'latest', null, '{part,labour,fee,discount}', null, null),
  ('ticket_lines', 'inventory_item_id', 2, 'id', true, 'latest', null, null, null, null),
  ('ticket_lines', 'description', 3, 'text', true, 'latest', null, null, 0, 500),
  ('ticket_lines', 'quantity', 4, 'int', false, 'latest', null, null, 1, 1000000),
  ('ticket_lines', 'unit_price_cents', 5, 'int', false, 'latest', null, null, 0, 99999999999),
  ('ticket_lines', 'tax_bp', 6, 'int', false, 'latest', null, null, 0, 10000),
  ('ticket_lines', 'approval', 7, 'word', false, 'latest', null, '{pending,approved,declined}', null, null),
  ('ticket_secrets', 'ticket_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('ticket_secrets', 'sealed', 1, 'text', true, 'latest', null, null, 1, 4096),
  ('ticket_secrets', 'wrapped_key', 2, 'text', true, 'latest', null, null, 1, 512),
  ('ticket_secrets', 'key_version', 3, 'int', false, 'latest', null, null, 0, 9223372036854775807),
  ('secret_reveals', 'ticket_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('stock_movements', 'item_id', 0, 'id', false, 'fixed', null, null, null, null),
  ('stock_movements', 'quantity', 1, 'int', false, 'fixed', null, null, -1000000000, 1000000000),
  ('stock_movements', 'kind', 2, 'word', false, 'fixed', null, '{receive,use,return,adjust,count,reserve,release,shrink}', null, null),
  ('stock_movements', 'ticket_line_id', 3, 'id', true, 'fixed', null, null, null, null),
  ('stock_movements', 'reason', 4, 'text', true, 'fixed', null, null, 0, 1000),
  ('stock_movements', 'counted', 5, 'int', true, 'fixed', null, null, 0, 1000000000),
  ('stock_movements', 'shown', 6, 'int', true, 'fixed', null, null, -1000000000, 1000000000),
  ('appointments', 'customer_id', 0, 'id', false, 'latest', null, null, null, null),
  ('appointments', 'ticket_id', 1, 'id', true, 'latest', null, null, null, null),
  ('appointments', 'kind', 2, 'word', false, 'latest', null, '{drop_off,pick_up,consultation,on_site}', null, null),
  ('appointments', 'starts_at', 3, 'time', false, 'latest', null, null, null, null),
  ('appointments', 'ends_at', 4, 'time', false, 'latest', null, null, null, null),
  ('appointments', 'time_zone', 5, 'text', false, 'latest', null, null, null, null),
  ('appointments', 'assignee_id', 6, 'id', true, 'latest', null, null, null, null),
  ('appointments', 'state', 7, 'word', false, 'latest', null, '{booked,confirmed,arrived,no_show,cancelled,done}', null, null),
  ('appointments', 'notes', 8, 'text', true, 'latest', null, null, 0, 4000),
  ('conflicts', 'tbl', 0, 'text', false, 'fixed', null, null, null, null),
  ('conflicts', 'row_id', 1, 'text', false, 'fixed', null, null, null, null),
  ('conflicts', 'field', 2, 'text', false, 'fixed', null, null, null, null),
  ('conflicts', 'base', 3, 'json', true, 'client', null, null, null, null),
  ('conflicts', 'mine', 4, 'json', true, 'client', null, null, null, null),
  ('conflicts', 'theirs', 5, 'json', true, 'client', null, null, null, null),
  ('conflicts', 'mine_by', 6, 'text', true, 'client', null, null, null, null),
  ('conflicts', 'theirs_by', 7, 'text', true, 'client', null, null, null, null),
  ('conflicts', 'on_stamp', 8, 'int', false, 'client', null, null, null, null),
  ('conflicts', 'open', 9, 'bool', false, 'client', null, null, null, null);

-- How a row is spelled: sets in their one spelling, empty cells empty, and the row as it travels, its columns in the
-- order of their bytes.

create function counterpart.spell_shop_settings() returns trigger language plpgsql as $$
begin
  new.status_labels := counterpart.or_nothing(new.status_labels);
  new.feature_flags := counterpart.or_nothing(new.feature_flags);
  new.wire := (select row_to_json(spelled)::text from (
    select new.appointment_window_days, counterpart.time_text(new.created_at) as created_at, new.created_by,
      new.currency, counterpart.time_text(new.deleted_at) as deleted_at,
      counterpart.json_text(new.feature_flags)::json as feature_flags, new.id, new.name, new.stamp,
      counterpart.json_text(new.status_labels)::json as status_labels, new.ticket_window_days, new.time_zone,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_employees() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select new.active, new.colour, counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.email, new.first_name, new.id, new.last_name,
      new.phone, new.role, new.stamp, counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_employee_pay() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.employee_id, new.hourly_rate_cents, new.id, new.stamp,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_employee_pins() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.employee_id, new.id, new.stamp,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by, new.verifier) as spelled);
  return new;
end $$;

create function counterpart.spell_customers() returns trigger language plpgsql as $$
begin
  new.phones := counterpart.canonical_set('customers.phones', 'phone', new.phones);
  new.emails := counterpart.canonical_set('customers.emails', 'email', new.emails);
  new.address := counterpart.or_nothing(new.address);
  new.tags := counterpart.canonical_set('customers.tags', 'word', new.tags);
  new.wire := (select row_to_json(spelled)::text from (
    select counterpart.json_text(new.address)::json as address, new.company,
      counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.email_opt_out,
      counterpart.json_text(new.emails)::json as emails, new.first_name, new.id, new.last_name, new.merged_into,
      new.notes, counterpart.json_text(new.phones)::json as phones, new.sms_opt_out, new.stamp,
      counterpart.json_text(new.tags)::json as tags, new.tax_exempt,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_inventory_items() returns trigger language plpgsql as $$
begin
  new.compatible_models := counterpart.canonical_set('inventory_items.compatible_models', 'word', new.compatible_models);
  new.wire := (select row_to_json(spelled)::text from (
    select new.barcode, new.bin, new.brand, new.category,
      counterpart.json_text(new.compatible_models)::json as compatible_models,
      counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.id, new.merged_into, new.name, new.price_cents,
      new.quantity, new.reorder_level, new.reserved, new.sku, new.stamp, new.supplier,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_item_costs() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select new.cost_cents, counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.id, new.item_id, new.stamp,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_tickets() returns trigger language plpgsql as $$
begin
  new.accessories := counterpart.canonical_set('tickets.accessories', 'word', new.accessories);
  new.tags := counterpart.canonical_set('tickets.tags', 'word', new.tags);
  new.intake_checklist := counterpart.or_nothing(new.intake_checklist);
  new.wire := (select row_to_json(spelled)::text from (
    select counterpart.json_text(new.accessories)::json as accessories, new.approved_cents, new.assignee_id,
      counterpart.time_text(new.closed_at) as closed_at, counterpart.time_text(new.created_at) as created_at,
      new.created_by, new.customer_id, counterpart.time_text(new.deleted_at) as deleted_at, new.device_brand,
      new.device_colour, new.device_kind, new.device_model, new.device_serial, new.diagnosis,
      counterpart.time_text(new.due_at) as due_at, new.estimate_cents, new.id, new.imei,
      counterpart.json_text(new.intake_checklist)::json as intake_checklist, new.number, new.on_hold_from,
      new.priority, new.problem, new.stamp, new.status, new.subject, counterpart.json_text(new.tags)::json as tags,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by, new.warranty_of,
      counterpart.time_text(new.warranty_until) as warranty_until,
      counterpart.time_text(new.work_started_at) as work_started_at) as spelled);
  return new;
end $$;

create function counterpart.spell_ticket_notes() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select new.body, counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.id, new.kind, new.stamp, new.ticket_id,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_ticket_events() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new."from", new.id, new.outcome, new.reason, new.stamp,
      new.ticket_id, new."to", counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_ticket_lines() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select new.approval, counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.description, new.id, new.inventory_item_id, new.kind,
      new.quantity, new.stamp, new.tax_bp, new.ticket_id, new.unit_price_cents,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_ticket_secrets() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.id, new.key_version, new.sealed, new.stamp,
      new.ticket_id, counterpart.time_text(new.updated_at) as updated_at, new.updated_by, new.wrapped_key) as spelled);
  return new;
end $$;

create function counterpart.spell_secret_reveals() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.id, new.stamp, new.ticket_id,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_stock_movements() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select new.counted, counterpart.time_text(new.created_at) as created_at, new.created_by,
      counterpart.time_text(new.deleted_at) as deleted_at, new.id, new.item_id, new.kind, new.quantity, new.reason,
      new.shown, new.stamp, new.ticket_line_id, counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_appointments() returns trigger language plpgsql as $$
begin
  new.wire := (select row_to_json(spelled)::text from (
    select new.assignee_id, counterpart.time_text(new.created_at) as created_at, new.created_by, new.customer_id,
      counterpart.time_text(new.deleted_at) as deleted_at, counterpart.time_text(new.ends_at) as ends_at, new.id,
      new.kind, new.notes, new.stamp, counterpart.time_text(new.starts_at) as starts_at, new.state, new.ticket_id,
      new.time_zone, counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;

create function counterpart.spell_conflicts() returns trigger language plpgsql as $$
begin
  new.base := counterpart.or_nothing(new.base);
  new.mine := counterpart.or_nothing(new.mine);
  new.theirs := counterpart.or_nothing(new.theirs);
  new.wire := (select row_to_json(spelled)::text from (
    select counterpart.json_text(new.base)::json as base, counterpart.time_text(new.created_at) as created_at,
      new.created_by, counterpart.time_text(new.deleted_at) as deleted_at, new."field", new.id,
      counterpart.json_text(new.mine)::json as mine, new.mine_by, new.on_stamp, new."open", new.row_id, new.stamp,
      new.tbl, counterpart.json_text(new.theirs)::json as theirs, new.theirs_by,
      counterpart.time_text(new.updated_at) as updated_at, new.updated_by) as spelled);
  return new;
end $$;
