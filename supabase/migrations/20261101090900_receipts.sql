-- What a push keeps beside the rows: receipts, its audit, and what it asks of tables that nobody else may read. These
-- functions lie in a schema that is not exposed; only the functions in `public` call them.

-- Why a request is refused as a whole: a word of the protocol in an error's details, as PostgREST sends it.
create function counterpart.refuse_request(word text) returns void
language plpgsql as $$
declare
  says text := case word
    when 'no_shop' then 'no such shop'
    when 'no_session' then 'the device has to begin a session'
    when 'other_epoch' then 'the shop''s history is another one'
    when 'denied' then 'not allowed'
    else 'the request is not well formed' end;
begin
  case word
    when 'no_shop', 'denied' then raise sqlstate 'PT403' using message = says, detail = word;
    when 'no_session', 'other_epoch' then raise sqlstate 'PT409' using message = says, detail = word;
    else raise sqlstate 'PT400' using message = says, detail = 'malformed';
  end case;
end $$;

-- A text of a request.
create function counterpart.text_of(request jsonb, name text) returns text
language plpgsql stable as $$
begin
  if jsonb_typeof(request -> name) is distinct from 'string' then
    perform counterpart.refuse_request('malformed');
  end if;
  return request ->> name;
end $$;

-- A whole number of a request.
create function counterpart.number_of(request jsonb, name text, lowest bigint default 0) returns bigint
language plpgsql stable as $$
begin
  if jsonb_typeof(request -> name) is distinct from 'number' or request ->> name !~ '^-?[0-9]{1,18}$'
     or (request ->> name)::bigint < lowest then
    perform counterpart.refuse_request('malformed');
  end if;
  return (request ->> name)::bigint;
end $$;

-- An id that a device may name.
create function counterpart.id_of(request jsonb, name text) returns text
language plpgsql stable as $$
declare
  id text := counterpart.text_of(request, name);
begin
  if octet_length(id) not between 1 and 64 or id ~ '[[:cntrl:]]' then
    perform counterpart.refuse_request('malformed');
  end if;
  return id;
end $$;

-- The shop of a request, of which the caller is a member.
create function counterpart.shop_of(request jsonb) returns uuid
language plpgsql stable as $$
declare
  named text := counterpart.text_of(request, 'shop');
begin
  if counterpart.account() is null then
    perform counterpart.refuse_request('denied');
  elsif named !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' or (counterpart.member_of(named::uuid)).account is null then
    perform counterpart.refuse_request('no_shop');
  end if;
  return named::uuid;
end $$;

-- Whether a device has begun a session, of this generation where one is named, under this account.
create function counterpart.has_session(shop uuid, install text, account text, generation bigint) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from counterpart.devices as d
    where d.shop_id = shop and d.device = install and d.account::text = has_session.account
      and (has_session.generation is null or d.generation = has_session.generation));
end $$;

create function counterpart.head_of(shop uuid) returns counterpart.heads
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select h from counterpart.heads as h where h.shop_id = shop);
end $$;

-- Up to which commit nothing can be lost any more: whoever runs the database keeps its log for a week.
create function counterpart.safe_through(shop uuid) returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select c.n from counterpart.commits as c
                   where c.shop_id = shop and c.at < statement_timestamp() - interval '7 days'
                   order by c.at desc limit 1), 0);
end $$;

-- A row as it travels, and what merging knows of its fields. A push asks after it was allowed to. Every table has its own
-- statement, so that its plan is kept.
create function counterpart.kept_row(shop uuid, tbl text, id text, out wire jsonb, out states jsonb)
language plpgsql stable security definer set search_path = '' as $$
begin
  case tbl
    when 'shop_settings' then select t.wire::jsonb, t.states into wire, states from public.shop_settings as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'employees' then select t.wire::jsonb, t.states into wire, states from public.employees as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'employee_pay' then select t.wire::jsonb, t.states into wire, states from public.employee_pay as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'employee_pins' then select t.wire::jsonb, t.states into wire, states from public.employee_pins as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'customers' then select t.wire::jsonb, t.states into wire, states from public.customers as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'inventory_items' then select t.wire::jsonb, t.states into wire, states from public.inventory_items as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'item_costs' then select t.wire::jsonb, t.states into wire, states from public.item_costs as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'tickets' then select t.wire::jsonb, t.states into wire, states from public.tickets as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'ticket_notes' then select t.wire::jsonb, t.states into wire, states from public.ticket_notes as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'ticket_events' then select t.wire::jsonb, t.states into wire, states from public.ticket_events as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'ticket_lines' then select t.wire::jsonb, t.states into wire, states from public.ticket_lines as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'ticket_secrets' then select t.wire::jsonb, t.states into wire, states from public.ticket_secrets as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'secret_reveals' then select t.wire::jsonb, t.states into wire, states from public.secret_reveals as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'stock_movements' then select t.wire::jsonb, t.states into wire, states from public.stock_movements as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'appointments' then select t.wire::jsonb, t.states into wire, states from public.appointments as t
      where t.shop_id = shop and t.id = kept_row.id;
    when 'conflicts' then select t.wire::jsonb, t.states into wire, states from public.conflicts as t
      where t.shop_id = shop and t.id = kept_row.id;
  end case;
end $$;

-- Whether any of these rows is there, deleted or not. Looked up by the key, one by one: a database that was never analysed
-- believes that reading the whole shop is cheaper.
create function counterpart.any_kept(shop uuid, tbl text, ids text[]) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  found boolean;
begin
  execute format('select exists (select from unnest($2) as i(id) cross join lateral (
                    select from public.%I as t where t.shop_id = $1 and t.id = i.id limit 1) as kept)', tbl)
  into found using shop, ids;
  return found;
end $$;

create function counterpart.is_granted(shop uuid, install text, person text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select from counterpart.grants as g where g.shop_id = shop and g.device = install and g.employee = person);
end $$;

-- Receipts.

create function counterpart.receipt_json(r counterpart.receipts) returns jsonb
language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object('id', r.op, 'hash', r.hash, 'outcome', r.outcome, 'n', r.n,
                                              'code', r.code, 'field', r.field, 'message', r.message)) $$;

-- Those that are known of these operations, by id; looked up like rows.
create function counterpart.known_receipts(shop uuid, ops text[]) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_object_agg(r.op, counterpart.receipt_json(r)), '{}')
    from unnest(ops) as i(op) cross join lateral (
      select * from counterpart.receipts as k where k.shop_id = shop and k.op = i.op limit 1) as r);
end $$;

-- Keeps one, in this transaction's commit, and gives it back.
create function counterpart.keep_receipt(
  shop uuid, install text, op text, hash text, outcome text, code text default null, field text default null,
  message text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept jsonb;
begin
  insert into counterpart.receipts as r (shop_id, op, device, hash, outcome, n, code, field, message)
  values (shop, op, install, hash, outcome, counterpart.commit_number(shop), code, field, message)
  returning counterpart.receipt_json(r) into kept;
  return kept;
end $$;

-- Keeps those of many operations that applied, and gives them back in their order.
create function counterpart.keep_receipts(shop uuid, install text, ops text[], hashes text[], codes text[]) returns jsonb[]
language plpgsql security definer set search_path = '' as $$
declare
  n bigint := counterpart.commit_number(shop);
begin
  insert into counterpart.receipts (shop_id, op, device, hash, outcome, n, code)
  select shop, e.op, install, e.hash, 'applied', n, e.code from unnest(ops, hashes, codes) as e(op, hash, code);
  return array(
    select jsonb_strip_nulls(jsonb_build_object('id', e.op, 'hash', e.hash, 'outcome', 'applied', 'n', n, 'code', e.code))
    from unnest(ops, hashes, codes) with ordinality as e(op, hash, code, place) order by e.place);
end $$;

-- Stores that an operation that never came will never take effect. The receipt is of no content, and settles none.
create function counterpart.bar(shop uuid, install text, op text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into counterpart.receipts (shop_id, op, device, hash, outcome, n)
  values (shop, op, install, '', 'voided', counterpart.commit_number(shop)) on conflict do nothing;
end $$;

-- Whoever needed an operation needs the one that was sent instead of it now.
create function counterpart.stand_in(shop uuid, replaced text, replacement text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update counterpart.receipts as r set instead = replacement where r.shop_id = shop and r.op = replaced and r.op <> replacement;
end $$;

-- Whether an operation took effect, or what was sent instead of it, or instead of that.
create function counterpart.stands(shop uuid, op text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    with recursive tries as (
      select r.outcome, r.instead, 1 as many from counterpart.receipts as r where r.shop_id = shop and r.op = stands.op
      union all
      select r.outcome, r.instead, t.many + 1 from tries as t
      join counterpart.receipts as r on r.shop_id = shop and r.op = t.instead
      where t.many < 100)
    select exists (select from tries where outcome in ('applied', 'merged', 'conflict')));
end $$;

-- What was said with receipts that have arrived is needed no more.
create function counterpart.forget_details(shop uuid, install text, acked bigint) returns void
language plpgsql security definer set search_path = '' as $$
declare
  before bigint;
  through bigint := least(acked, (counterpart.head_of(shop)).head);
begin
  select d.acked into before from counterpart.devices as d where d.shop_id = shop and d.device = install;
  if through > before then
    update counterpart.receipts as r set code = null, field = null, message = null
    where r.shop_id = shop and r.device = install and r.n > before and r.n <= through and r.code is not null;
    update counterpart.devices as d set acked = through where d.shop_id = shop and d.device = install;
  end if;
end $$;

create function counterpart.heard_from(shop uuid, install text, unsent bigint) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update counterpart.devices as d set unsent = heard_from.unsent, seen_at = clock_timestamp()
  where d.shop_id = shop and d.device = install;
end $$;

-- The audit of an operation: an entry for each field that it set, or wanted to.
create function counterpart.audit_operation(shop uuid, tbl text, id text, entries jsonb, actor text, install text, at bigint)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.audit (shop_id, n, tbl, id, field, was, became, kept, actor, device, at)
  select shop, counterpart.commit_number(shop), tbl, id, e ->> 'field', e -> 'was', e -> 'became', (e ->> 'kept')::boolean,
         actor, install, counterpart.at_ms(at)
  from jsonb_array_elements(entries) as e;
end $$;

-- Who wrote a field last, as far as that is on record.
create function counterpart.author_of(shop uuid, tbl text, id text, field text) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select a.actor from public.audit as a
    where a.shop_id = shop and a.id = author_of.id and a.tbl = author_of.tbl and a.field = author_of.field and a.kept
    order by a.n desc limit 1);
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
