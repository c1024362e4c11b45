-- All customers, and all items, by what they are called. Deleted items too: of two indexes over those that are not, SQLite
-- would count what is to be ordered from the larger one.
CREATE INDEX customers_called ON customers
    (coalesce(nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), company, '') COLLATE NOCASE, id)
    WHERE deleted_at IS NULL;
CREATE INDEX inventory_items_called ON inventory_items (coalesce(name, '') COLLATE NOCASE, id);
