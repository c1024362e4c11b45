-- A push: one transaction, one commit, a receipt per operation, groups whole or not at all.
--
-- It runs with the caller's rights. It takes json, not jsonb: a receipt names the hash of the very bytes that were sent.

-- An operation as it arrived: in the order of the push, with the hash of its content.
create type counterpart.arrived as (id text, hash text, grp text, op jsonb);

create function counterpart.is_whole_number(value jsonb) returns boolean
language sql immutable parallel safe as $$
  select jsonb_typeof(value) = 'number' and value::text ~ '^-?[0-9]{1,18}$' $$;

-- Whether this is an edit of a field.
create function counterpart.is_edit(edit jsonb) returns boolean
language sql immutable parallel safe as $$
  select coalesce(jsonb_typeof(edit) = 'object'
    and (edit ? 'to' or jsonb_typeof(edit #> '{elements,add}') = 'array' and jsonb_typeof(edit #> '{elements,remove}') = 'array')
    and (not edit ? 'on' or counterpart.is_whole_number(edit -> 'on'))
    and (not edit ? 'at' or counterpart.is_whole_number(edit -> 'at')), false) $$;

create function counterpart.is_text_or_nothing(value jsonb) returns boolean
language sql immutable parallel safe as $$ select value is null or jsonb_typeof(value) in ('string', 'null') $$;

-- Whether this is an operation at all, but for its edits: what the protocol says of each of its members.
create function counterpart.is_operation(op jsonb) returns boolean
language sql immutable parallel safe as $$
  select coalesce(jsonb_typeof(op) = 'object'
    and jsonb_typeof(op -> 'id') = 'string' and octet_length(op ->> 'id') between 1 and 64
    and jsonb_typeof(op -> 'row') = 'string' and octet_length(op ->> 'row') <= 64
    and jsonb_typeof(op -> 'table') = 'string' and jsonb_typeof(op -> 'account') = 'string'
    and jsonb_typeof(op -> 'kind') = 'string' and op ->> 'kind' in ('insert', 'patch', 'delete', 'append', 'void')
    and counterpart.is_whole_number(op -> 'seq') and counterpart.is_whole_number(op -> 'at')
    and (not op ? 'on' or counterpart.is_whole_number(op -> 'on'))
    and counterpart.is_text_or_nothing(op -> 'group') and counterpart.is_text_or_nothing(op -> 'actor')
    and counterpart.is_text_or_nothing(op -> 'replaces')
    and (not op ? 'needs' or jsonb_typeof(op -> 'needs') = 'array' and not op @? '$.needs[*].type() ? (@ != "string")')
    and (not op ? 'fields' or jsonb_typeof(op -> 'fields') = 'object'), false) $$;

-- Operations as they arrived. A text that no database can hold (U+0000) fails here, and with it the push: the device
-- halves it until the culprit stands alone.
create function counterpart.arrivals(ops json) returns counterpart.arrived[]
language plpgsql stable as $$
declare
  arrived counterpart.arrived[];
  sound boolean;
begin
  with sent as materialized (
    select e.value::jsonb as op, counterpart.content_hash(e.value::text) as hash, e.ordinality as place
    from json_array_elements(ops) with ordinality as e)
  select array_agg((s.op ->> 'id', s.hash, s.op ->> 'group', s.op)::counterpart.arrived order by s.place),
         bool_and(counterpart.is_operation(s.op)) and not exists (
           select from sent as t,
             jsonb_each(case when jsonb_typeof(t.op -> 'fields') = 'object' then t.op -> 'fields' else '{}' end) as e
           where not counterpart.is_edit(e.value))
  into arrived, sound from sent as s;
  if not sound then
    perform counterpart.refuse_request('malformed');
  end if;
  return coalesce(arrived, '{}');
end $$;

-- Whether this device may name the person that an operation does. A person's own account works for that person alone;
-- a shared tablet for whoever has shown their PIN there.
create function counterpart.named_rightly(p counterpart.push, actor text) returns boolean
language plpgsql stable as $$
begin
  return coalesce(actor is null
    or case when (p.member).station then counterpart.is_granted(p.shop, p.device, actor)
            else actor = (p.member).employee end, false);
end $$;

-- Asked that an operation never take effect: so be it, unless it did.
create function counterpart.void_operation(p counterpart.push, a counterpart.arrived) returns jsonb
language plpgsql as $$
declare
  target text := coalesce(a.op ->> 'replaces', '');
  known jsonb := counterpart.known_receipts(p.shop, array[target]) -> target;
  stands boolean := coalesce(known ->> 'outcome' in ('applied', 'merged', 'conflict'), false);
begin
  if known is null then
    perform counterpart.bar(p.shop, p.device, target);
  end if;
  return jsonb_build_array(counterpart.keep_receipt(p.shop, p.device, a.id, a.hash,
           case when stands then 'rejected' else 'applied' end, case when stands then 'stands' end))
      || case when stands then jsonb_build_array(known) else '[]' end;
end $$;

-- One operation that has no receipt yet: its receipt, kept, or what refuses it, raised.
create function counterpart.take_operation(p counterpart.push, a counterpart.arrived) returns jsonb
language plpgsql as $$
declare
  old text := a.op ->> 'replaces';
  needed text;
  became counterpart.applied;
  receipt jsonb;
begin
  if a.op ->> 'kind' = 'void' then
    return counterpart.void_operation(p, a);
  elsif not counterpart.named_rightly(p, a.op ->> 'actor') then
    perform counterpart.refuse('no_grant');
  end if;
  for needed in select jsonb_array_elements_text(a.op -> 'needs') loop
    if not counterpart.stands(p.shop, needed) then
      raise exception using errcode = 'CP002', message = 'held';
    end if;
  end loop;
  if old is not null then
    if counterpart.stands(p.shop, old) then
      perform counterpart.refuse('replaced_stands');
    end if;
    -- Its late copy must never apply beside this one.
    perform counterpart.bar(p.shop, p.device, old);
  end if;
  became := counterpart.apply(p, a.op);
  receipt := counterpart.keep_receipt(p.shop, p.device, a.id, a.hash, became.outcome, became.code, became.field);
  if old is not null then
    perform counterpart.stand_in(p.shop, old, a.id);
  end if;
  return jsonb_build_array(receipt);
end $$;

-- What an error that an operation itself caused says in its receipt; nothing for every other error.
create function counterpart.refusal(
  op jsonb, state text, says text, details text, constraint_name text, column_name text)
returns jsonb
language plpgsql stable as $$
declare
  tbl text := op ->> 'table';
  field text := split_part(constraint_name, '__', 1);
  code text := split_part(constraint_name, '__', 2);
begin
  case
    when state = 'CP001' then
      return jsonb_build_object('code', says, 'field', nullif(column_name, ''));
    when state = 'CP002' then
      return '{"code": "held", "held": true}';
    when state = '42501' then
      return jsonb_build_object('code', 'denied', 'message', case when details = 'denied' then says end);
    when state = '23514' and code <> '' then
      return jsonb_build_object('code', code, 'field', field, 'message',
        case when says like tbl || '.%' then says else tbl || '.' || field || ' ' || counterpart.says_limit(tbl, field, code) end);
    when state = '23502' then
      return jsonb_build_object('code', 'required', 'field', column_name, 'message', tbl || '.' || column_name || ' must not be empty');
    when state like '22%' or state like '23%' or state = 'P0001' then
      -- What it says may hold what somebody typed.
      return '{"code": "invalid"}';
    else
      return null;
  end case;
end $$;

-- A limit in words.
create function counterpart.says_limit(tbl text, field text, code text) returns text
language sql stable as $$
  select case code
    when 'required' then 'must not be empty'
    when 'kind' then 'must be a ' || f.kind
    when 'word' then 'is not one of the known words'
    when 'length' then case when f.least = 0 then format('is longer than %s characters', f.most)
                            else format('must have %s to %s characters', f.least, f.most) end
    when 'range' then case when f.most = 9223372036854775807 then format('must be %s or more', f.least)
                           else format('must be between %s and %s', f.least, f.most) end
    when 'too_many' then format('has more than %s entries', f.most)
    when 'phone' then 'must be a phone number with + and country code'
    when 'email' then 'must be an e-mail address'
    when 'imei' then 'must be 15 digits with a valid check digit'
    when 'barcode' then 'has a wrong check digit'
    when 'colour' then 'must be a colour like #1a2b3c'
    when 'currency' then 'must be a currency code of three capital letters'
    when 'time_zone' then 'must be a time zone like Europe/Berlin'
    else 'breaks the rule ' || code end
  from (select) as one left join counterpart.fields as f on f.tbl = says_limit.tbl and f.name = says_limit.field $$;

-- None of the group applied: each gets its receipt, the culprit's with the reason. What is held is not stored.
create function counterpart.refuse_group(
  p counterpart.push, members counterpart.arrived[], culprit text, refusal jsonb, known jsonb) returns jsonb
language plpgsql as $$
declare
  receipts jsonb := '[]';
  held boolean := refusal ? 'held';
  outcome text := case when held then 'held' else 'rejected' end;
  a counterpart.arrived;
  own jsonb;
begin
  foreach a in array members loop
    own := case when a.id = culprit then refusal - 'held' else '{"code": "group"}' end;
    if held or known ? a.id then
      receipts := receipts || jsonb_strip_nulls(jsonb_build_object('id', a.id, 'hash', a.hash, 'outcome', outcome,
                    'n', case when not held then known -> a.id -> 'n' end) || own);
    else
      receipts := receipts || counterpart.keep_receipt(p.shop, p.device, a.id, a.hash, outcome,
                    own ->> 'code', own ->> 'field', own ->> 'message');
      if a.op ->> 'kind' <> 'void' and a.op ->> 'replaces' is not null then
        perform counterpart.stand_in(p.shop, a.op ->> 'replaces', a.id);
      end if;
    end if;
  end loop;
  return receipts;
end $$;

-- A group: all of it, or none.
create function counterpart.take_group(p counterpart.push, members counterpart.arrived[], known jsonb) returns jsonb
language plpgsql as $$
declare
  receipts jsonb := '[]';
  a counterpart.arrived;
  voided boolean := known @? '$.* ? (@.outcome == "voided")';
  refusal jsonb;
  state text; says text; details text; constraint_name text; column_name text;
begin
  -- All that came before: answered as it was. A part of a group that was voided takes the rest along.
  if not voided and (select bool_and(known ? m.id) from unnest(members) as m) then
    return (select jsonb_agg(known -> m.id) from unnest(members) as m);
  end if;
  begin
    foreach a in array members loop
      if known -> a.id ->> 'outcome' = 'voided' then
        perform counterpart.refuse('voided');
      end if;
      receipts := receipts || case when known ? a.id then known -> a.id else counterpart.take_operation(p, a) end;
    end loop;
    return receipts;
  exception when others then
    get stacked diagnostics state = returned_sqlstate, says = message_text, details = pg_exception_detail,
      constraint_name = constraint_name, column_name = column_name;
    refusal := counterpart.refusal(a.op, state, says, details, constraint_name, column_name);
    if refusal is null then
      raise;
    end if;
  end;
  return counterpart.refuse_group(p, members, a.id, refusal, known);
end $$;

-- Takes the shop's lock, and gives way where it is taken: one stuck shop never holds up another.
create function counterpart.lock_or_yield(shop uuid) returns boolean
language plpgsql as $$
declare
  patience text := current_setting('lock_timeout');
begin
  perform set_config('lock_timeout', '300ms', true);
  begin
    perform counterpart.lock_heads(array[shop]);
  exception when lock_not_available then
    perform set_config('lock_timeout', patience, true);
    return false;
  end;
  perform set_config('lock_timeout', patience, true);
  return true;
end $$;

-- The number that this transaction's commit in a shop has or would have.
create function counterpart.next_number(shop uuid) returns bigint
language plpgsql stable as $$
begin
  return coalesce((nullif(current_setting('counterpart.commits', true), '')::jsonb ->> shop::text)::bigint,
                  (counterpart.head_of(shop)).head + 1);
end $$;

-- In the order of the push: long runs of new rows and of edits that meet nothing at once, the rest group by group.
create function counterpart.take_in(p counterpart.push, arrived counterpart.arrived[]) returns jsonb[]
language plpgsql as $$
declare
  receipts jsonb[] := '{}';
  ids text[] := array(select a.id from unnest(arrived) as a);
  known jsonb := counterpart.known_receipts(p.shop, ids);
  mine jsonb := '{}';
  -- Where one operation decides about another's receipt, those that are known are looked up again.
  entangled boolean := (select count(distinct i) from unnest(ids) as i) < cardinality(ids)
    or exists (select from unnest(arrived) as a where a.op ->> 'replaces' is not null);
  plain boolean[] := counterpart.which_are_plain(p, arrived, known = '{}' and not entangled);
  earlier bigint[] := counterpart.earlier_on_the_row(arrived);
  first integer := 1;
  last integer;
  patience integer := 8;
  many integer := cardinality(arrived);
  taken jsonb[];
begin
  -- The answer to all of it was lost.
  if not entangled and not known @? '$.* ? (@.outcome == "voided")'
     and (select count(*) from jsonb_object_keys(known)) = many then
    return array(select known -> i from unnest(ids) with ordinality as e(i, place) order by place);
  end if;
  while first <= many loop
    taken := null;
    last := counterpart.plain_until(arrived, plain, earlier, first, many);
    while patience > 0 and last - first >= 7 loop
      taken := counterpart.take_at_once(p, arrived[first:last]);
      exit when taken is not null;
      -- Some of them cannot: half as many, a few times.
      patience := patience - 1;
      last := counterpart.plain_until(arrived, plain, earlier, first, first + (last - first) / 2);
    end loop;
    if taken is not null then
      receipts := receipts || taken;
      first := last + 1;
      continue;
    end if;
    last := first;
    while last < many and (arrived[last + 1]).grp = (arrived[first]).grp loop
      last := last + 1;
    end loop;
    if entangled then
      mine := counterpart.known_receipts(p.shop, ids[first:last]);
    elsif known <> '{}' then
      mine := (select coalesce(jsonb_object_agg(i, known -> i), '{}') from unnest(ids[first:last]) as i where known ? i);
    end if;
    receipts := receipts || array(select jsonb_array_elements(counterpart.take_group(p, arrived[first:last], mine)));
    first := last + 1;
  end loop;
  return receipts;
end $$;

-- Takes operations in. The same operation again gets the receipt that it got before.
create function public.sync_push(json) returns json
language plpgsql set search_path = '' as $$
declare
  ops json := $1 -> 'ops';
  request jsonb := $1::jsonb - 'ops';
  arrived counterpart.arrived[];
  head counterpart.heads;
  receipts jsonb[];
  p counterpart.push;
begin
  p.device := counterpart.text_of(request, 'device');
  if json_typeof(ops) is distinct from 'array' then
    perform counterpart.refuse_request('malformed');
  end if;
  p.shop := counterpart.shop_of(request);
  if json_array_length(ops) > 10000 then
    perform counterpart.refuse_request('malformed');
  end if;
  arrived := counterpart.arrivals(ops);
  if not counterpart.lock_or_yield(p.shop) then
    return json_build_object('busy', true, 'retry_after_ms', 300);
  end if;
  -- What is asked from here on, nobody changes meanwhile.
  p.member := counterpart.member_of(p.shop);
  head := counterpart.head_of(p.shop);
  if (p.member).account is null then
    perform counterpart.refuse_request('no_shop');
  elsif not counterpart.has_session(p.shop, p.device, (p.member).account, counterpart.number_of(request, 'generation')) then
    perform counterpart.refuse_request('no_session');
  elsif head.epoch <> counterpart.text_of(request, 'epoch') then
    perform counterpart.refuse_request('other_epoch');
  end if;
  p.n := counterpart.next_number(p.shop);
  p.now := counterpart.ms(clock_timestamp());
  perform counterpart.forget_details(p.shop, p.device, coalesce((request ->> 'acked')::bigint, 0));
  receipts := counterpart.take_in(p, arrived);
  perform counterpart.heard_from(p.shop, p.device, counterpart.number_of(request, 'unsent'));
  perform set_config('counterpart.operation', '', true);
  return json_build_object('epoch', head.epoch, 'receipts', to_json(receipts), 'safe_through', counterpart.safe_through(p.shop));
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
revoke execute on function public.sync_push(json) from public, anon;
grant execute on function public.sync_push(json) to authenticated;
