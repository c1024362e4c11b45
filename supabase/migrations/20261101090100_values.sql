-- How values are spelled on the wire, and what a limit asks of them. Nothing here reads a table.
--
-- The schema `counterpart` is never exposed: what lies in it is for policies, triggers and the functions in `public`.

create schema counterpart;
grant usage on schema counterpart to authenticated, service_role;

-- JSON in its one spelling: keys in the order of their bytes, no spaces. Equal values are equal texts, and so hashes.
create function counterpart.json_text(value jsonb) returns text
language plpgsql immutable strict parallel safe as $$
begin
  case jsonb_typeof(value)
    when 'object' then
      return '{' || coalesce((
        select string_agg(to_json(e.key)::text || ':' || counterpart.json_text(e.value), ',' order by e.key collate "C")
        from jsonb_each(value) as e), '') || '}';
    when 'array' then
      return '[' || coalesce((
        select string_agg(counterpart.json_text(e.value), ',' order by e.ordinality)
        from jsonb_array_elements(value) with ordinality as e), '') || ']';
    when 'number' then
      -- What is no whole number is a double on the devices.
      return case when scale(trim_scale(value::numeric)) = 0 and abs(value::numeric) < 9223372036854775808
                  then trim_scale(value::numeric)::text
                  else replace(value::double precision::text, 'e+', 'e') end;
    else
      return value::text;
  end case;
end $$;

-- An empty list or object is an empty cell.
create function counterpart.or_nothing(value jsonb) returns jsonb
language sql immutable parallel safe as $$
  select case when value in ('null', '[]', '{}') then null else value end $$;

-- A moment as it travels: RFC 3339, milliseconds, `Z`.
create function counterpart.time_text(moment timestamptz) returns text
language sql stable strict parallel safe as $$
  select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- Whether a moment can travel: a year has four digits.
create function counterpart.is_moment(moment timestamptz) returns boolean
language sql immutable parallel safe as $$
  select moment >= timestamptz '0001-01-01 00:00:00Z' and moment < timestamptz '10000-01-01 00:00:00Z' $$;

create function counterpart.ms(moment timestamptz) returns bigint
language sql stable strict parallel safe as $$
  select floor(extract(epoch from moment) * 1000)::bigint $$;

create function counterpart.at_ms(ms bigint) returns timestamptz
language sql immutable strict parallel safe as $$
  select to_timestamp(ms / 1000.0::double precision) $$;

-- Without the white space around it, in Unicode's sense.
create function counterpart.trimmed(value text) returns text
language plpgsql immutable strict parallel safe as $$
begin
  return btrim(value, E' \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007'
    '\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000');
end $$;

create function counterpart.is_blank(value text) returns boolean
language plpgsql immutable parallel safe as $$
begin
  return coalesce(counterpart.trimmed(value), '') = '';
end $$;

-- The hash of an operation or a row, as devices compute it.
create function counterpart.content_hash(content text) returns text
language sql stable strict parallel safe as $$ select encode(sha256(convert_to(content, 'UTF8')), 'hex') $$;

-- An id that follows from others: a UUID of version 5, the same wherever it is worked out.
create function counterpart.derived_id(variadic parts text[]) returns text
language plpgsql stable strict as $$
begin
  return extensions.uuid_generate_v5('5b0a6d8e-27d1-4c36-9f0e-7d5d2f618a43', array_to_string(parts, E'\u001f'))::text;
end $$;

-- Limits. Each is named after the check of the entity files that it is.

create function counterpart.is_phone(value text) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return value ~ '^\+[1-9][0-9]{7,14}$';
end $$;

create function counterpart.is_email(value text) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return octet_length(value) <= 254
     and value collate "und-x-icu" ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'
     and value !~ '@\.' and value !~ '\.$' and split_part(value, '@', 2) !~ '\.\.';
end $$;

-- Digits weighted from the right, every second one by `weight`; what exceeds nine loses nine where `folds`.
create function counterpart.check_digit(value text, weight integer, folds boolean) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return (
    select value ~ '^[0-9]+$' and (
      select sum(case when folds and weighted > 9 then weighted - 9 else weighted end) % 10 = 0
      from (select digit::integer * case when place % 2 = 0 then weight else 1 end as weighted
            from string_to_table(reverse(value), null) with ordinality as d(digit, place)) as digits));
end $$;

create function counterpart.is_imei(value text) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return value ~ '^[0-9]{15}$' and counterpart.check_digit(value, 2, true);
end $$;

-- A GTIN's check digit, where it is all digits.
create function counterpart.is_barcode(value text) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return value !~ '^[0-9]*$'
      or length(value) in (8, 12, 13, 14) and counterpart.check_digit(value, 3, false);
end $$;

create function counterpart.is_zone(value text) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return value ~ '^[A-Za-z0-9/_+-]{1,64}$';
end $$;

create function counterpart.entries(value jsonb) returns bigint
language plpgsql immutable strict parallel safe as $$
begin
  return case jsonb_typeof(value)
    when 'array' then jsonb_array_length(value)
    when 'object' then (select count(*) from jsonb_object_keys(value))
  end;
end $$;

-- A map of short names to these words.
create function counterpart.is_map(value jsonb, words text[]) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return jsonb_typeof(value) = 'object' and not exists (
    select from jsonb_each(value) as e
    where char_length(e.key) not between 1 and 64 or e.key ~ '/'
       or jsonb_typeof(e.value) <> 'string' or e.value #>> '{}' <> all (words));
end $$;

-- A map of short names to short texts.
create function counterpart.are_labels(value jsonb) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return jsonb_typeof(value) = 'object' and not exists (
    select from jsonb_each(value) as e
    where char_length(e.key) not between 1 and 64 or jsonb_typeof(e.value) <> 'string'
       or char_length(e.value #>> '{}') not between 1 and 64);
end $$;

-- A map of short names to whole percentages.
create function counterpart.are_percentages(value jsonb) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
  return jsonb_typeof(value) = 'object' and not exists (
    select from jsonb_each(value) as e
    where char_length(e.key) not between 1 and 64 or jsonb_typeof(e.value) <> 'number'
       or e.value #>> '{}' !~ '^[0-9]{1,3}$' or (e.value #>> '{}')::integer > 100);
end $$;

-- A value breaks a limit. The message names the field and the rule, never the value.
create function counterpart.refuse_value(place text, code text, says text) returns void
language plpgsql immutable parallel safe as $$
begin
  raise exception '% %', place, says using errcode = 'check_violation',
    table = split_part(place, '.', 1), column = split_part(place, '.', 2),
    constraint = split_part(place, '.', 2) || '__' || code;
end $$;

-- Sets.

-- What makes two elements of a set the same one.
create function counterpart.element_key(element text, item jsonb) returns text
language plpgsql immutable parallel safe as $$
begin
  return case element
    when 'email' then lower(counterpart.trimmed(coalesce(case when jsonb_typeof(item) = 'string' then item #>> '{}' end, ''))
                            collate "und-x-icu") collate "C"
    when 'phone' then coalesce(case when jsonb_typeof(item -> 'number') = 'string' then item ->> 'number' end, '')
    else counterpart.trimmed(coalesce(case when jsonb_typeof(item) = 'string' then item #>> '{}' end, ''))
  end;
end $$;

-- An element as it is kept, judged.
create function counterpart.element(place text, element text, item jsonb) returns jsonb
language plpgsql immutable parallel safe as $$
declare
  word text := case when jsonb_typeof(item) = 'string' then item #>> '{}' end;
  label text;
begin
  if element = 'word' and word is not null then
    word := counterpart.trimmed(word);
    if char_length(word) not between 1 and 64 then
      perform counterpart.refuse_value(place, 'length', 'must have 1 to 64 characters');
    end if;
    return to_jsonb(word);
  elsif element = 'email' and word is not null then
    word := counterpart.trimmed(word);
    if not counterpart.is_email(word) then
      perform counterpart.refuse_value(place, 'email', 'must be an e-mail address');
    end if;
    return to_jsonb(word);
  elsif element = 'phone' and (word is not null or jsonb_typeof(item) = 'object') then
    if word is null then
      word := case when jsonb_typeof(item -> 'number') = 'string' then item ->> 'number' end;
      label := case when jsonb_typeof(item -> 'label') = 'string' then item ->> 'label' end;
    end if;
    if char_length(label) > 32 then
      perform counterpart.refuse_value(place, 'length', 'is longer than 32 characters');
    end if;
    if counterpart.is_phone(word) is not true then
      perform counterpart.refuse_value(place, 'phone', 'must be a phone number with + and country code');
    end if;
    return jsonb_build_object('number', word, 'label', coalesce(label, ''));
  end if;
  perform counterpart.refuse_value(place, 'kind', 'must be a list element');
end $$;

-- A list in its one spelling: each element judged, once, in the order of what makes it itself. Nothing where it is empty.
create function counterpart.canonical_set(place text, element text, items jsonb) returns jsonb
language plpgsql immutable parallel safe as $$
begin
  if items is null or items in ('null', '[]') then
    return null;
  elsif jsonb_typeof(items) <> 'array' then
    perform counterpart.refuse_value(place, 'kind', 'must be a list');
  elsif jsonb_array_length(items) = 1 then
    return jsonb_build_array(counterpart.element(place, element, items -> 0));
  end if;
  return (
    select jsonb_agg(item order by key collate "C")
    from (select distinct on (counterpart.element_key(element, kept.item) collate "C")
                 counterpart.element_key(element, kept.item) as key, kept.item
          from (select counterpart.element(place, element, e.value) as item, e.ordinality as place_in_list
                from jsonb_array_elements(items) with ordinality as e) as kept
          order by counterpart.element_key(element, kept.item) collate "C", kept.place_in_list desc) as once);
end $$;

revoke execute on all functions in schema counterpart from public;
grant execute on all functions in schema counterpart to authenticated, service_role;
