-- One index per question that a screen asks. Every one costs every write, so those over tickets hold open and closed
-- ones apart: an open ticket is found among the few that are open, a closed one hardly ever changes.

-- The board of open tickets by due date, none last. Filters are answered from the index alone; with `deleted_at`, which
-- is always empty here, the badges are too.
CREATE INDEX tickets_open_due
    ON tickets (coalesce(due_at, 9223372036854775807), id, status, assignee_id, priority, deleted_at)
    WHERE deleted_at IS NULL AND status NOT IN ('picked_up', 'cancelled', 'abandoned');
-- The board of open tickets, the last changed first.
CREATE INDEX tickets_open_updated ON tickets (updated_at, id, status, assignee_id, priority)
    WHERE deleted_at IS NULL AND status NOT IN ('picked_up', 'cancelled', 'abandoned');
-- The same for closed tickets.
CREATE INDEX tickets_closed_updated ON tickets (updated_at, id, status, assignee_id, priority)
    WHERE deleted_at IS NULL AND status IN ('picked_up', 'cancelled', 'abandoned');
-- A ticket by its number; whether a number is taken, by a deleted ticket too.
CREATE INDEX tickets_number ON tickets (number) WHERE number IS NOT NULL;
-- A device's history.
CREATE INDEX tickets_imei ON tickets (imei, id) WHERE imei IS NOT NULL;
CREATE INDEX tickets_serial ON tickets (device_serial COLLATE NOCASE, id) WHERE device_serial IS NOT NULL;
-- A customer's tickets; whether a customer has open ones; merging customers.
CREATE INDEX tickets_customer ON tickets (customer_id, id) WHERE deleted_at IS NULL;

-- What belongs to a ticket; a ticket's events, when its status is worked out anew.
CREATE INDEX ticket_lines_ticket ON ticket_lines (ticket_id, id);
CREATE INDEX ticket_notes_ticket ON ticket_notes (ticket_id, id);
CREATE INDEX ticket_events_ticket ON ticket_events (ticket_id, id);
CREATE INDEX ticket_secrets_ticket ON ticket_secrets (ticket_id);
CREATE INDEX secret_reveals_ticket ON secret_reveals (ticket_id);

-- An item by what is typed or scanned.
CREATE INDEX inventory_items_sku ON inventory_items (sku) WHERE deleted_at IS NULL AND sku IS NOT NULL;
CREATE INDEX inventory_items_barcode ON inventory_items (barcode) WHERE deleted_at IS NULL AND barcode IS NOT NULL;
-- Items to order: at their level or below, or fewer than none.
CREATE INDEX inventory_items_low ON inventory_items (name, id)
    WHERE deleted_at IS NULL AND quantity <= coalesce(reorder_level, -1);
CREATE INDEX item_costs_item ON item_costs (item_id);
-- An item's movements, also when its stock is worked out anew. Their ids do not tell their time: some follow from the line they are for.
CREATE INDEX stock_movements_item ON stock_movements (item_id, created_at, id);
-- How much a line took, and how often.
CREATE INDEX stock_movements_line ON stock_movements (ticket_line_id, kind, quantity) WHERE ticket_line_id IS NOT NULL;

-- Appointments of a range, of an assignee in a range, those that overlap, reminders.
CREATE INDEX appointments_start ON appointments (starts_at, id) WHERE deleted_at IS NULL;
-- A customer's appointments; merging customers.
CREATE INDEX appointments_customer ON appointments (customer_id, starts_at, id) WHERE deleted_at IS NULL;
