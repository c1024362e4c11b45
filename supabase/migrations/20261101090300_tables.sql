-- The shop's tables: one for each entity file, with its fields as columns and its limits as constraints.
--
-- A constraint is named `<field>__<code>`, and the code is what a refused operation's receipt says. Besides its fields
-- every row carries who made and changed it and when, its version (`stamp`), when it was deleted, what merging knows of
-- each field (`states`), and itself as devices receive it and hash it (`wire`), written once with each change so that
-- reading a hundred thousand of them spells nothing.
--
-- No foreign keys between these tables: rows arrive in the order of the devices, and what was deleted may still be named.

-- How a shop is set up.
create table public.shop_settings (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  name text not null constraint name__length check (char_length(name) between 1 and 120),
  time_zone text not null constraint time_zone__time_zone check (counterpart.is_zone(time_zone)),
  currency text not null constraint currency__currency check (currency ~ '^[A-Z]{3}$'),
  status_labels jsonb constraint status_labels__too_many check (counterpart.entries(status_labels) <= 50),
  ticket_window_days bigint constraint ticket_window_days__range check (ticket_window_days between 1 and 3650),
  appointment_window_days bigint
    constraint appointment_window_days__range check (appointment_window_days between 1 and 3650),
  feature_flags jsonb constraint feature_flags__too_many check (counterpart.entries(feature_flags) <= 200),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id),
  constraint status_labels__status_label check (counterpart.are_labels(status_labels)),
  constraint feature_flags__percentage check (counterpart.are_percentages(feature_flags))
);
create index shop_settings_stamp on public.shop_settings (shop_id, stamp, id);

-- A person who works in the shop.
create table public.employees (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  first_name text constraint first_name__length check (char_length(first_name) between 1 and 120),
  last_name text constraint last_name__length check (char_length(last_name) between 1 and 120),
  email text constraint email__email check (counterpart.is_email(email)),
  phone text constraint phone__phone check (counterpart.is_phone(phone)),
  role text not null default 'front_desk'
    constraint role__word check (role in ('front_desk', 'technician', 'manager', 'admin', 'owner')),
  colour text constraint colour__colour check (colour ~ '^#[0-9A-Fa-f]{6}$'),
  active boolean not null default false,
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id),
  constraint last_name__needs_a_name check (not (counterpart.is_blank(first_name) and counterpart.is_blank(last_name)))
);
create index employees_stamp on public.employees (shop_id, stamp, id);

-- What somebody earns.
create table public.employee_pay (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  employee_id text collate "C" not null constraint employee_id__required check (employee_id <> '')
    constraint employee_id__kind check (octet_length(employee_id) <= 64),
  hourly_rate_cents bigint not null default 0
    constraint hourly_rate_cents__range check (hourly_rate_cents between 0 and 99999999999),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index employee_pay_stamp on public.employee_pay (shop_id, stamp, id);
create index employee_pay_parent on public.employee_pay (shop_id, employee_id, id);

-- The verifier of somebody's PIN.
create table public.employee_pins (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  employee_id text collate "C" not null constraint employee_id__required check (employee_id <> '')
    constraint employee_id__kind check (octet_length(employee_id) <= 64),
  verifier text not null constraint verifier__length check (char_length(verifier) between 1 and 512),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index employee_pins_stamp on public.employee_pins (shop_id, stamp, id);
create index employee_pins_parent on public.employee_pins (shop_id, employee_id, id);

-- A person or a company that brings devices.
create table public.customers (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  first_name text constraint first_name__length check (char_length(first_name) between 1 and 120),
  last_name text constraint last_name__length check (char_length(last_name) between 1 and 120),
  company text constraint company__length check (char_length(company) between 1 and 120),
  phones jsonb constraint phones__too_many check (counterpart.entries(phones) <= 20),
  emails jsonb constraint emails__too_many check (counterpart.entries(emails) <= 20),
  address jsonb,
  notes text constraint notes__length check (char_length(notes) <= 4000),
  tags jsonb constraint tags__too_many check (counterpart.entries(tags) <= 50),
  sms_opt_out boolean not null default false,
  email_opt_out boolean not null default false,
  tax_exempt boolean not null default false,
  merged_into text collate "C" constraint merged_into__required check (merged_into <> '')
    constraint merged_into__kind check (octet_length(merged_into) <= 64),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id),
  constraint last_name__needs_a_name check (not (counterpart.is_blank(first_name) and counterpart.is_blank(last_name) and counterpart.is_blank(company)))
);
create index customers_stamp on public.customers (shop_id, stamp, id);

-- A thing the shop keeps in stock.
create table public.inventory_items (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  sku text constraint sku__length check (char_length(sku) between 1 and 64),
  barcode text constraint barcode__length check (char_length(barcode) between 1 and 64)
    constraint barcode__barcode check (counterpart.is_barcode(barcode)),
  name text not null constraint name__length check (char_length(name) between 1 and 120),
  category text constraint category__length check (char_length(category) <= 120),
  brand text constraint brand__length check (char_length(brand) <= 120),
  compatible_models jsonb constraint compatible_models__too_many check (counterpart.entries(compatible_models) <= 200),
  price_cents bigint constraint price_cents__range check (price_cents between 0 and 99999999999),
  supplier text constraint supplier__length check (char_length(supplier) <= 120),
  bin text constraint bin__length check (char_length(bin) <= 64),
  reorder_level bigint constraint reorder_level__range check (reorder_level between 0 and 1000000000),
  quantity bigint not null default 0,
  reserved bigint not null default 0,
  merged_into text collate "C" constraint merged_into__required check (merged_into <> '')
    constraint merged_into__kind check (octet_length(merged_into) <= 64),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index inventory_items_stamp on public.inventory_items (shop_id, stamp, id);
create index inventory_items_sku on public.inventory_items (shop_id, sku) where deleted_at is null;

-- What the shop pays for one of an item.
create table public.item_costs (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  item_id text collate "C" not null constraint item_id__required check (item_id <> '')
    constraint item_id__kind check (octet_length(item_id) <= 64),
  cost_cents bigint not null default 0 constraint cost_cents__range check (cost_cents between 0 and 99999999999),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index item_costs_stamp on public.item_costs (shop_id, stamp, id);
create index item_costs_parent on public.item_costs (shop_id, item_id, id);

-- The repair of one device.
create table public.tickets (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  number text constraint number__length check (char_length(number) between 1 and 32),
  customer_id text collate "C" not null constraint customer_id__required check (customer_id <> '')
    constraint customer_id__kind check (octet_length(customer_id) <= 64),
  device_kind text constraint device_kind__length check (char_length(device_kind) <= 60),
  device_brand text constraint device_brand__length check (char_length(device_brand) <= 120),
  device_model text constraint device_model__length check (char_length(device_model) <= 120),
  device_serial text constraint device_serial__length check (char_length(device_serial) <= 120),
  imei text constraint imei__imei check (counterpart.is_imei(imei)),
  device_colour text constraint device_colour__length check (char_length(device_colour) <= 60),
  subject text not null constraint subject__length check (char_length(subject) between 1 and 200),
  problem text constraint problem__length check (char_length(problem) <= 8000),
  diagnosis text constraint diagnosis__length check (char_length(diagnosis) <= 8000),
  priority text not null default 'normal'
    constraint priority__word check (priority in ('normal', 'low', 'high', 'urgent')),
  due_at timestamptz(3) constraint due_at__kind check (counterpart.is_moment(due_at)),
  assignee_id text collate "C" constraint assignee_id__required check (assignee_id <> '')
    constraint assignee_id__kind check (octet_length(assignee_id) <= 64),
  status text not null default 'received'
    constraint status__word check (status in ('received', 'diagnosing', 'awaiting_approval', 'approved', 'awaiting_parts', 'in_repair', 'qc', 'ready', 'picked_up', 'on_hold', 'cancelled', 'abandoned')),
  on_hold_from text
    constraint on_hold_from__word check (on_hold_from in ('received', 'diagnosing', 'awaiting_approval', 'approved', 'awaiting_parts', 'in_repair', 'qc', 'ready', 'picked_up', 'on_hold', 'cancelled', 'abandoned')),
  work_started_at timestamptz(3) constraint work_started_at__kind check (counterpart.is_moment(work_started_at)),
  closed_at timestamptz(3) constraint closed_at__kind check (counterpart.is_moment(closed_at)),
  estimate_cents bigint constraint estimate_cents__range check (estimate_cents between 0 and 99999999999),
  approved_cents bigint constraint approved_cents__range check (approved_cents between 0 and 99999999999),
  accessories jsonb constraint accessories__too_many check (counterpart.entries(accessories) <= 50),
  tags jsonb constraint tags__too_many check (counterpart.entries(tags) <= 50),
  intake_checklist jsonb
    constraint intake_checklist__word check (counterpart.is_map(intake_checklist, array['untested', 'pass', 'fail', 'na']))
    constraint intake_checklist__too_many check (counterpart.entries(intake_checklist) <= 100),
  warranty_until timestamptz(3) constraint warranty_until__kind check (counterpart.is_moment(warranty_until)),
  warranty_of text collate "C" constraint warranty_of__required check (warranty_of <> '')
    constraint warranty_of__kind check (octet_length(warranty_of) <= 64),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index tickets_stamp on public.tickets (shop_id, stamp, id);
create index tickets_customer on public.tickets (shop_id, customer_id) where deleted_at is null;

-- A note on a ticket.
create table public.ticket_notes (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  ticket_id text collate "C" not null constraint ticket_id__required check (ticket_id <> '')
    constraint ticket_id__kind check (octet_length(ticket_id) <= 64),
  kind text not null default 'internal' constraint kind__word check (kind in ('internal', 'customer', 'diagnostic')),
  body text not null constraint body__length check (char_length(body) between 1 and 10000),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index ticket_notes_stamp on public.ticket_notes (shop_id, stamp, id);
create index ticket_notes_parent on public.ticket_notes (shop_id, ticket_id, id);

-- Somebody moved a ticket from one status to another.
create table public.ticket_events (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  ticket_id text collate "C" not null constraint ticket_id__required check (ticket_id <> '')
    constraint ticket_id__kind check (octet_length(ticket_id) <= 64),
  "from" text not null default 'received'
    constraint from__word check ("from" in ('received', 'diagnosing', 'awaiting_approval', 'approved', 'awaiting_parts', 'in_repair', 'qc', 'ready', 'picked_up', 'on_hold', 'cancelled', 'abandoned')),
  "to" text not null default 'received'
    constraint to__word check ("to" in ('received', 'diagnosing', 'awaiting_approval', 'approved', 'awaiting_parts', 'in_repair', 'qc', 'ready', 'picked_up', 'on_hold', 'cancelled', 'abandoned')),
  reason text constraint reason__length check (char_length(reason) <= 1000),
  outcome text not null default 'pending' constraint outcome__word check (outcome in ('pending', 'applied', 'history')),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index ticket_events_stamp on public.ticket_events (shop_id, stamp, id);
create index ticket_events_parent on public.ticket_events (shop_id, ticket_id, id);

-- A part, a piece of work, a fee or a discount on a ticket.
create table public.ticket_lines (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  ticket_id text collate "C" not null constraint ticket_id__required check (ticket_id <> '')
    constraint ticket_id__kind check (octet_length(ticket_id) <= 64),
  kind text not null default 'part' constraint kind__word check (kind in ('part', 'labour', 'fee', 'discount')),
  inventory_item_id text collate "C" constraint inventory_item_id__required check (inventory_item_id <> '')
    constraint inventory_item_id__kind check (octet_length(inventory_item_id) <= 64),
  description text constraint description__length check (char_length(description) <= 500),
  quantity bigint not null default 0 constraint quantity__range check (quantity between 1 and 1000000),
  unit_price_cents bigint not null default 0
    constraint unit_price_cents__range check (unit_price_cents between 0 and 99999999999),
  tax_bp bigint not null default 0 constraint tax_bp__range check (tax_bp between 0 and 10000),
  approval text not null default 'pending'
    constraint approval__word check (approval in ('pending', 'approved', 'declined')),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index ticket_lines_stamp on public.ticket_lines (shop_id, stamp, id);
create index ticket_lines_parent on public.ticket_lines (shop_id, ticket_id, id);

-- A device's passcode, sealed with a key of its own that is wrapped by the shop's.
create table public.ticket_secrets (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  ticket_id text collate "C" not null constraint ticket_id__required check (ticket_id <> '')
    constraint ticket_id__kind check (octet_length(ticket_id) <= 64),
  sealed text constraint sealed__length check (char_length(sealed) between 1 and 4096),
  wrapped_key text constraint wrapped_key__length check (char_length(wrapped_key) between 1 and 512),
  key_version bigint not null default 0 constraint key_version__range check (key_version >= 0),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index ticket_secrets_stamp on public.ticket_secrets (shop_id, stamp, id);
create index ticket_secrets_parent on public.ticket_secrets (shop_id, ticket_id, id);

-- Somebody looked at a ticket's passcode; who and when is in its meta.
create table public.secret_reveals (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  ticket_id text collate "C" not null constraint ticket_id__required check (ticket_id <> '')
    constraint ticket_id__kind check (octet_length(ticket_id) <= 64),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index secret_reveals_stamp on public.secret_reveals (shop_id, stamp, id);
create index secret_reveals_parent on public.secret_reveals (shop_id, ticket_id, id);

-- Something happened to an item's stock.
create table public.stock_movements (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  item_id text collate "C" not null constraint item_id__required check (item_id <> '')
    constraint item_id__kind check (octet_length(item_id) <= 64),
  quantity bigint not null default 0 constraint quantity__range check (quantity between -1000000000 and 1000000000),
  kind text not null default 'receive'
    constraint kind__word check (kind in ('receive', 'use', 'return', 'adjust', 'count', 'reserve', 'release', 'shrink')),
  ticket_line_id text collate "C" constraint ticket_line_id__required check (ticket_line_id <> '')
    constraint ticket_line_id__kind check (octet_length(ticket_line_id) <= 64),
  reason text constraint reason__length check (char_length(reason) <= 1000),
  counted bigint constraint counted__range check (counted between 0 and 1000000000),
  shown bigint constraint shown__range check (shown between -1000000000 and 1000000000),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id),
  constraint quantity__moves_nothing check (kind = 'count' or quantity <> 0),
  constraint counted__only_a_count_counts check (kind = 'count' or num_nonnulls(counted, shown) = 0),
  constraint counted__count_without_result check (kind <> 'count' or counted is not null),
  constraint shown__count_without_result check (kind <> 'count' or shown is not null),
  constraint quantity__count_is_not_the_difference check (kind <> 'count' or counted - shown = quantity)
);
create index stock_movements_stamp on public.stock_movements (shop_id, stamp, id);
create index stock_movements_parent on public.stock_movements (shop_id, item_id, id);

-- A time that a customer comes, or is visited.
create table public.appointments (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  customer_id text collate "C" not null constraint customer_id__required check (customer_id <> '')
    constraint customer_id__kind check (octet_length(customer_id) <= 64),
  ticket_id text collate "C" constraint ticket_id__required check (ticket_id <> '')
    constraint ticket_id__kind check (octet_length(ticket_id) <= 64),
  kind text not null default 'drop_off'
    constraint kind__word check (kind in ('drop_off', 'pick_up', 'consultation', 'on_site')),
  starts_at timestamptz(3) not null constraint starts_at__kind check (counterpart.is_moment(starts_at)),
  ends_at timestamptz(3) not null constraint ends_at__kind check (counterpart.is_moment(ends_at)),
  time_zone text not null constraint time_zone__time_zone check (counterpart.is_zone(time_zone)),
  assignee_id text collate "C" constraint assignee_id__required check (assignee_id <> '')
    constraint assignee_id__kind check (octet_length(assignee_id) <= 64),
  state text not null default 'booked'
    constraint state__word check (state in ('booked', 'confirmed', 'arrived', 'no_show', 'cancelled', 'done')),
  notes text constraint notes__length check (char_length(notes) <= 4000),
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id),
  constraint ends_at__ends_before_it_starts check (ends_at > starts_at),
  constraint ends_at__longer_than_12_hours check (ends_at <= starts_at + interval '12 hours')
);
create index appointments_stamp on public.appointments (shop_id, stamp, id);

-- Two versions of one field. It is a row like any other: it travels, and any device of somebody allowed closes it.
create table public.conflicts (
  shop_id uuid not null,
  id text collate "C" not null default gen_random_uuid()::text constraint id__kind check (octet_length(id) between 1 and 64),
  tbl text not null,
  row_id text not null,
  "field" text not null,
  base jsonb,
  mine jsonb,
  theirs jsonb,
  mine_by text,
  theirs_by text,
  on_stamp bigint not null default 0,
  "open" boolean not null default false,
  created_at timestamptz(3) not null,
  created_by text collate "C",
  updated_at timestamptz(3) not null,
  updated_by text collate "C",
  stamp bigint not null,
  deleted_at timestamptz(3) constraint deleted_at__kind check (counterpart.is_moment(deleted_at)),
  states jsonb not null default '{}',
  wire text not null,
  primary key (shop_id, id)
);
create index conflicts_stamp on public.conflicts (shop_id, stamp, id);
create index conflicts_open on public.conflicts (shop_id, tbl, row_id) where "open";
