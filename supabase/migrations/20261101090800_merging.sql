-- Merging, field by field: what becomes of one field when an operation meets what others did since.
--
-- The same decisions as the engine's own `merge`; a file of cases is run through both.

-- The state of a field: {"stamp", "at", "device", "elements"}; one that was never set is as old as the shop.
create type counterpart.verdict as (
  -- becomes, same, lost or conflict.
  word text,
  value jsonb,
  state jsonb
);

-- Elements come in and go out one by one. One that another device brought in meanwhile does not go out.
create function counterpart.merge_set(
  element text, value jsonb, state jsonb, add jsonb, remove jsonb, since bigint, at bigint, device text, n bigint)
returns counterpart.verdict
language plpgsql stable as $$
declare
  items jsonb;
  before jsonb;
  elements jsonb := coalesce(state -> 'elements', '{}');
  lost boolean := false;
  added jsonb;
  item jsonb;
  key text;
begin
  select coalesce(jsonb_object_agg(counterpart.element_key(element, e.value), e.value order by e.ordinality), '{}')
  into items from jsonb_array_elements(case when jsonb_typeof(value) = 'array' then value else '[]' end)
       with ordinality as e;
  before := items;
  for item in select jsonb_array_elements(remove) loop
    key := counterpart.element_key(element, item);
    added := elements -> key;
    if (added ->> 'stamp')::bigint > since and added ->> 'device' <> device then
      lost := true;
    else
      items := items - key;
      elements := elements - key;
    end if;
  end loop;
  for item in select jsonb_array_elements(add) loop
    key := counterpart.element_key(element, item);
    elements := elements || jsonb_build_object(key, jsonb_build_object('stamp', n, 'device', device));
    items := items || jsonb_build_object(key, item);
  end loop;
  if items = before then
    return (case when lost then 'lost' else 'same' end, null, state)::counterpart.verdict;
  end if;
  return ('becomes',
          coalesce((select jsonb_agg(e.value order by e.key collate "C") from jsonb_each(items) as e), '[]'),
          jsonb_build_object('stamp', n, 'at', at, 'device', device)
            || case when elements = '{}' then '{}' else jsonb_build_object('elements', elements) end)::counterpart.verdict;
end $$;

-- Decides about one field. `edit` is {"to": …} or {"elements": {"add": […], "remove": […]}}; `since` is the version that
-- the person began on, `at` when they did it, within what can be believed.
create function counterpart.merge(
  policy text, element text, value jsonb, state jsonb, edit jsonb, since bigint, at bigint, device text, n bigint)
returns counterpart.verdict
language plpgsql stable as $$
declare
  wanted jsonb := edit -> 'to';
  set_at bigint := coalesce((state ->> 'at')::bigint, 0);
  set_by text := coalesce(state ->> 'device', '');
  concurrent boolean := coalesce((state ->> 'stamp')::bigint, 0) > since and set_by <> device;
  after jsonb := jsonb_build_object('stamp', n, 'at', at, 'device', device);
begin
  if edit ? 'elements' then
    if element is null then
      return ('lost', null, state)::counterpart.verdict;
    end if;
    return counterpart.merge_set(element, value, state, edit #> '{elements,add}', edit #> '{elements,remove}',
                                 since, at, device, n);
  elsif element is not null and policy = 'set' and jsonb_typeof(wanted) = 'array' then
    -- A whole list is what a new row brings: all of it comes in.
    if wanted = value then
      return ('same', null, state)::counterpart.verdict;
    end if;
    return counterpart.merge_set(element, value, state, wanted, '[]', since, at, device, n);
  end if;
  if wanted = value then
    -- Where both agree, the later knowledge stands.
    return ('same', null, case when concurrent then state else after end)::counterpart.verdict;
  end if;
  if not concurrent
     or policy in ('latest', 'order', 'set') and (at, device collate "C") > (set_at, set_by collate "C")
     or policy = 'true_wins' and wanted = 'true'
     or policy = 'client' then
    return ('becomes', wanted, after)::counterpart.verdict;
  end if;
  return (case when policy = 'manual' then 'conflict' else 'lost' end, null, state)::counterpart.verdict;
end $$;

-- A value as it is kept, of its field's kind; what is not is refused.
create function counterpart.cell(f counterpart.fields, value jsonb) returns jsonb
language plpgsql stable as $$
declare
  kind text := jsonb_typeof(value);
  word text;
begin
  if kind = 'null' or value is null then
    return null;
  elsif f.kind in ('text', 'id', 'word') and kind = 'string' or f.kind = 'bool' and kind = 'boolean' then
    return value;
  elsif f.kind = 'int' and kind = 'number' and scale(value::numeric) = 0
        and value::numeric between -9223372036854775808 and 9223372036854775807 then
    return value;
  elsif f.kind = 'time' and kind = 'string' then
    word := value #>> '{}';
    if word ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$' then
      begin
        return to_jsonb(counterpart.time_text(date_trunc('milliseconds', word::timestamptz)));
      exception when data_exception then
        null;
      end;
    end if;
  elsif f.kind = 'set' and kind = 'array' then
    return counterpart.canonical_set(f.tbl || '.' || f.name, f.element, value);
  elsif f.kind = 'json' or f.kind = 'map' and kind = 'object' then
    return counterpart.or_nothing(value);
  end if;
  perform counterpart.refuse_value(f.tbl || '.' || f.name, 'kind', 'must be a ' || case f.kind
    when 'int' then 'whole number' when 'bool' then 'true or false' when 'map' then 'object' when 'set' then 'list'
    else f.kind end);
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
