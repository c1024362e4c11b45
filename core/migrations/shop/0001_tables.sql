-- The tables of the repair shop. A row that the server sends is stored as it is, so no column has a limit here:
-- limits are judged when people write.

CREATE TABLE shop_settings (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT,
    time_zone TEXT,
    currency TEXT,
    status_labels TEXT,
    ticket_window_days INTEGER,
    appointment_window_days INTEGER,
    feature_flags TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE employees (
    id TEXT PRIMARY KEY NOT NULL,
    first_name TEXT,
    last_name TEXT,
    email TEXT,
    phone TEXT,
    role TEXT,
    colour TEXT,
    active INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE employee_pay (
    id TEXT PRIMARY KEY NOT NULL,
    employee_id TEXT,
    hourly_rate_cents INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE employee_pins (
    id TEXT PRIMARY KEY NOT NULL,
    employee_id TEXT,
    verifier TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE customers (
    id TEXT PRIMARY KEY NOT NULL,
    first_name TEXT,
    last_name TEXT,
    company TEXT,
    phones TEXT,
    emails TEXT,
    address TEXT,
    notes TEXT,
    tags TEXT,
    sms_opt_out INTEGER,
    email_opt_out INTEGER,
    tax_exempt INTEGER,
    merged_into TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE inventory_items (
    id TEXT PRIMARY KEY NOT NULL,
    sku TEXT,
    barcode TEXT,
    name TEXT,
    category TEXT,
    brand TEXT,
    compatible_models TEXT,
    price_cents INTEGER,
    supplier TEXT,
    bin TEXT,
    reorder_level INTEGER,
    quantity INTEGER,
    reserved INTEGER,
    merged_into TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE item_costs (
    id TEXT PRIMARY KEY NOT NULL,
    item_id TEXT,
    cost_cents INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE tickets (
    id TEXT PRIMARY KEY NOT NULL,
    number TEXT,
    customer_id TEXT,
    device_kind TEXT,
    device_brand TEXT,
    device_model TEXT,
    device_serial TEXT,
    imei TEXT,
    device_colour TEXT,
    subject TEXT,
    problem TEXT,
    diagnosis TEXT,
    priority TEXT,
    due_at INTEGER,
    assignee_id TEXT,
    status TEXT,
    on_hold_from TEXT,
    work_started_at INTEGER,
    closed_at INTEGER,
    estimate_cents INTEGER,
    approved_cents INTEGER,
    accessories TEXT,
    tags TEXT,
    intake_checklist TEXT,
    warranty_until INTEGER,
    warranty_of TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE ticket_notes (
    id TEXT PRIMARY KEY NOT NULL,
    ticket_id TEXT,
    kind TEXT,
    body TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE ticket_events (
    id TEXT PRIMARY KEY NOT NULL,
    ticket_id TEXT,
    "from" TEXT,
    "to" TEXT,
    reason TEXT,
    outcome TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE ticket_lines (
    id TEXT PRIMARY KEY NOT NULL,
    ticket_id TEXT,
    kind TEXT,
    inventory_item_id TEXT,
    description TEXT,
    quantity INTEGER,
    unit_price_cents INTEGER,
    tax_bp INTEGER,
    approval TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE ticket_secrets (
    id TEXT PRIMARY KEY NOT NULL,
    ticket_id TEXT,
    sealed TEXT,
    wrapped_key TEXT,
    key_version INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE secret_reveals (
    id TEXT PRIMARY KEY NOT NULL,
    ticket_id TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE stock_movements (
    id TEXT PRIMARY KEY NOT NULL,
    item_id TEXT,
    quantity INTEGER,
    kind TEXT,
    ticket_line_id TEXT,
    reason TEXT,
    counted INTEGER,
    shown INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;

CREATE TABLE appointments (
    id TEXT PRIMARY KEY NOT NULL,
    customer_id TEXT,
    ticket_id TEXT,
    kind TEXT,
    starts_at INTEGER,
    ends_at INTEGER,
    time_zone TEXT,
    assignee_id TEXT,
    state TEXT,
    notes TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    stamp INTEGER NOT NULL,
    deleted_at INTEGER,
    extra TEXT
) STRICT;
