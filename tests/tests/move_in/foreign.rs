//! Tables that other systems wrote.

use super::*;

#[test]
fn customers_come_from_any_table_that_people_make() {
    let semicolons = "\u{feff}Customer ID;First Name;SURNAME;Mobile;E-Mail;Street;Zip;City;Tags;Notes;Shoe size\r\n\
        7;Ada;Okafor;0171 2345678;Ada@Example.org, b@example.org;Main St. 1;10115;Berlin;vip, loyal;\"says \"\"hi\"\";\r\nbye\";38\r\n\
        \r\n\
        8;;Núñez;;;;;;;;\r\n";
    let site = site("owner");
    let options = ImportOptions { country_code: Some("49".into()), ..csv() };
    let report = import(&site, &CUSTOMERS, semicolons, &options);
    assert_eq!(counts(&report), (2, 0, 0), "{:?}", report.refusals);
    assert_eq!(report.ignored_columns, [11]);
    assert_eq!(report.read.bytes, semicolons.len() as u64);
    let mut customers = site.list::<Customer>("", 9).unwrap();
    customers.sort_by_key(|customer| customer.last_name.clone());
    let ada = &customers[1];
    assert_eq!(ada.first_name.as_deref(), Some("Ada"));
    assert_eq!(ada.phones, [Phone { number: "+491712345678".into(), label: "mobile".into() }]);
    assert_eq!(ada.emails.0, ["Ada@Example.org", "b@example.org"]);
    assert_eq!(ada.tags, ["loyal", "vip"]);
    assert_eq!(ada.notes.as_deref(), Some("says \"hi\";\r\nbye"));
    let address = ada.address.clone().unwrap();
    assert_eq!(
        (address.street.as_str(), address.postal_code.as_str(), address.city.as_str()),
        ("Main St. 1", "10115", "Berlin")
    );

    let queued = queue(&site);
    assert_eq!(counts(&import(&site, &CUSTOMERS, semicolons, &options)), (0, 2, 0));
    assert_eq!(queue(&site), queued);
    // Another system may use the same ids for other people.
    let other = ImportOptions { source: "other".into(), ..options };
    assert_eq!(counts(&import(&site, &CUSTOMERS, semicolons, &other)), (2, 0, 0));
}

#[test]
fn every_separator_is_found_out() {
    for (sign, source) in [(",", "a"), (";", "b"), ("\t", "c"), ("|", "d")] {
        let site = site("owner");
        let file = format!("\"id\"{sign}last name{sign}notes\n1{sign}Okafor{sign}\"a{sign}b\"\n");
        let report = import(&site, &CUSTOMERS, &file, &ImportOptions::new(source, Format::Csv));
        assert_eq!(counts(&report), (1, 0, 0), "{sign:?}");
        assert_eq!(rows::<Customer>(&site)[0].text("notes"), format!("a{sign}b"));
    }
    let site = site("owner");
    assert_eq!(counts(&import(&site, &CUSTOMERS, "sep=;\nid;name\n1;Okafor, Ada\n", &csv())), (1, 0, 0));
}

#[test]
fn items_bring_their_first_stock_as_a_movement_in_the_same_group() {
    let file = "SKU,Item Name,Retail Price,Qty On Hand,Fits,Reorder Point\n\
        SCR-1,Screen,\"$1,089.50\",12,\"A1, A2\",3\n\
        BAT-1,Battery,12.5,-2,,\n\
        TAP-1,Tape,.99,0,,\n";
    let site = site("owner");
    let options = ImportOptions { derive: Some("sku".into()), ..csv() };
    assert_eq!(counts(&import(&site, &INVENTORY_ITEMS, file, &options)), (3, 0, 0));
    let mut items = site.list::<InventoryItem>("", 9).unwrap();
    items.sort_by_key(|item| item.name.clone());
    let seen: Vec<_> =
        items.iter().map(|item| (item.name.as_str(), item.price_cents, item.quantity)).collect();
    assert_eq!(seen, [("Battery", Some(1_250), -2), ("Screen", Some(108_950), 12), ("Tape", Some(99), 0)]);
    assert_eq!(items[1].sku.as_deref(), Some("SCR-1"));
    assert_eq!(items[1].compatible_models, ["A1", "A2"]);
    let movements = rows::<StockMovement>(&site);
    assert_eq!(movements.len(), 2);
    let sql = "SELECT count(*) FROM outbox AS one JOIN outbox AS two USING (grp) WHERE one.seq < two.seq AND one.lane = 1";
    assert_eq!(site.read(|reader| reader.one(sql, [], |row| row.get::<_, i64>(0))).unwrap(), Some(2));
    assert_eq!(counts(&import(&site, &INVENTORY_ITEMS, file, &options)), (0, 3, 0));
    assert_eq!(rows::<StockMovement>(&site), movements);
}

#[test]
fn tickets_find_their_customers_and_walk_to_their_status() {
    let site = site("owner");
    import(&site, &CUSTOMERS, "id,last name\n7,Okafor\n", &csv());
    let file = "Ticket ID,Ticket No,Customer,Subject,Priority,Status,Created,Closed,Estimate,IMEI\n\
        1,T-1,7,Screen,Medium,Picked Up,2024-05-01 09:30,2024-05-03,89.90,490154203237518\n\
        2,T-2,7,Battery,urgent,In Progress,2026-01-02,,,\n\
        3,T-3,8,Nobody's,low,new,,,,\n\
        4,T-4,7,Port,low,half done,,,,\n\
        5,T-1,7,Same number,low,on hold,,,,\n";
    let report = import(&site, &TICKETS, file, &csv());
    assert_eq!(counts(&report), (3, 0, 2));
    assert_eq!(refusals(&report), [refusal(4, "no_such_row", "customer_id"), refusal(5, "word", "status")]);
    let mut tickets = site.list::<Ticket>("", 9).unwrap();
    tickets.sort_by_key(|ticket| ticket.subject.clone());
    let [battery, same, screen] = tickets.as_slice() else { panic!("three tickets") };
    assert_eq!(battery.status, TicketStatus::InRepair);
    assert_eq!((same.status.clone(), same.number.as_deref()), (TicketStatus::OnHold, None));
    assert_eq!((screen.status.clone(), screen.number.as_deref()), (TicketStatus::PickedUp, Some("T-1")));
    assert_eq!(screen.estimate_cents, Some(8_990));
    assert_eq!(screen.meta.created_at.to_rfc3339(), "2024-05-01T09:30:00+00:00");
    assert_eq!(screen.closed_at.unwrap().to_rfc3339(), "2024-05-03T00:00:00+00:00");
    assert_eq!(counts(&import(&site, &TICKETS, file, &csv())), (0, 3, 2));

    // Somebody at the bench may not hand devices out, in a file no more than by hand.
    let bench = as_role(site, "technician");
    let report = import(&bench, &TICKETS, "id,customer,subject,status\n9,7,Fan,picked up\n", &csv());
    assert_eq!(refusals(&report), [refusal(2, "status_role", "tickets")]);
}

#[test]
fn what_could_mean_two_things_is_refused_by_field_and_never_shown() {
    let site = site("owner");
    let file = "id,last name,phone,email,tax exempt\n\
        1,Zebra,030 123456,,\n2,Zebra,,not-an-address,\n3,Zebra,,,perhaps\n,Zebra,,,\n5,,,,\n6,Zebra,,,,surplus\n";
    let report = import(&site, &CUSTOMERS, file, &csv());
    assert_eq!(
        refusals(&report),
        [
            refusal(2, "phone", "phones"),
            refusal(3, "email", "emails"),
            refusal(4, "kind", "tax_exempt"),
            refusal(5, "required", "external_id"),
            refusal(6, "needs_a_name", "last_name"),
            refusal(7, "more_cells_than_columns", "line"),
        ]
    );
    let said = format!(
        "{:?}{}",
        report,
        report.refusals.iter().map(|line| format!("{:?}", line)).collect::<String>()
    );
    for value in ["Zebra", "030", "not-an-address", "perhaps", "surplus"] {
        assert!(!said.contains(value), "{value} is in the report");
    }
    let file = "id,name,price,stock\n1,Screen,\"1,234\",\n2,Screen,1e400,\n3,Screen,,1.5\n4,Screen,-1,\n";
    let report = import(&site, &INVENTORY_ITEMS, file, &csv());
    let kinds =
        [("kind", "price_cents"), ("kind", "price_cents"), ("kind", "quantity"), ("range", "price_cents")];
    let expected: Vec<_> =
        kinds.iter().zip(2..).map(|((code, field), line)| refusal(line, code, field)).collect();
    assert_eq!(refusals(&report), expected);
    // Told what the signs mean, they mean one thing.
    let options = ImportOptions { decimal: Some(".".into()), ..csv() };
    assert_eq!(
        counts(&import(&site, &INVENTORY_ITEMS, "id,name,price\n1,Screen,\"1,234\"\n", &options)),
        (1, 0, 0)
    );
    let options = ImportOptions { dates: Some(DateOrder::DayFirst), ..csv() };
    assert_eq!(
        counts(&import(&site, &CUSTOMERS, "id,name,created\n9,Ada,04/03/2026\n", &options)),
        (1, 0, 0)
    );
    assert!(rows::<Customer>(&site)[0].meta.created_at.to_rfc3339().starts_with("2026-03-04"));
}

#[test]
fn a_file_without_an_id_says_so_line_by_line() {
    let site = site("owner");
    let report = import(&site, &CUSTOMERS, "last name\nOkafor\nNúñez\n", &csv());
    assert_eq!(
        refusals(&report),
        [refusal(2, "required", "external_id"), refusal(3, "required", "external_id")]
    );
    let options = ImportOptions { derive: Some("Last Name".into()), ..csv() };
    assert_eq!(counts(&import(&site, &CUSTOMERS, "last name\nOkafor\nNúñez\n", &options)), (2, 0, 0));
}

#[test]
fn json_comes_as_lines_or_as_one_array() {
    let lines = "{\"id\":1,\"last_name\":\"Okafor\",\"phone\":[\"+4930123456\",\"+4930123457\"],\"address\":{\"city\":\"Berlin\"}}\r\n\
        {\"id\":\"2\",\"last_name\":\"N\\u00fa\\u00f1ez\",\"tax_exempt\":true,\"email\":null}\n";
    let array = format!(" [\n{}\n]\n", lines.trim_end().replace("}\r\n{", "},\n{"));
    for file in [lines, &array] {
        let site = site("owner");
        assert_eq!(counts(&import(&site, &CUSTOMERS, file, &json())), (2, 0, 0));
        let mut customers = site.list::<Customer>("", 9).unwrap();
        customers.sort_by_key(|customer| customer.tax_exempt);
        assert_eq!(customers[0].phones.len(), 2);
        assert_eq!(customers[0].address.clone().unwrap().city, "Berlin");
        assert_eq!(customers[1].last_name.as_deref(), Some("Núñez"));
        // The same people, told in CSV.
        let again = import(&site, &CUSTOMERS, "id,last name\n1,Okafor\n2,Núñez\n", &csv());
        assert_eq!(counts(&again), (0, 2, 0));
    }
    let site = site("owner");
    let file = r#"[{"id":1,"name":"Screen","price":12.50,"stock":4},{"id":2,"name":"Tape","price":1.234}]"#;
    let report = import(&site, &INVENTORY_ITEMS, file, &json());
    assert_eq!(counts(&report), (1, 0, 1));
    assert_eq!(rows::<InventoryItem>(&site)[0].int("price_cents"), Some(1_250));
}

#[test]
fn hostile_files_of_other_systems_are_refused_line_by_line_and_change_nothing() {
    let long = "x".repeat(10_000_000);
    let objects = [
        (format!(r#"{{"id":"1","last_name":"{long}"}}"#), "line_too_long", "line"),
        (r#"{"id":"1","last_name":"a\u0000b"}"#.into(), "character", "last_name"),
        (r#"{"id":"1","last_name":"\ud800"}"#.into(), "kind", "last_name"),
        (r#"{"id":"1","last_name":{"id":{"x":[]}}}"#.into(), "kind", "external_id"),
        (r#"{"id":"1","last_name":[["x"]]}"#.into(), "kind", "last_name"),
        (r#"{"id":"a\u001fb","last_name":"x"}"#.into(), "character", "external_id"),
        (r#"{"id":"1","tax_exempt":1e400,"last_name":"x"}"#.into(), "kind", "tax_exempt"),
        (format!(r#"{{"id":"1","last_name":"{}"}}"#, "x".repeat(121)), "length", "last_name"),
        (format!(r#"{{"id":"1","last_name":"{}"}}"#, "x".repeat(70_000)), "cell_too_long", "last_name"),
        (format!(r#"{{"id":"{}","last_name":"x"}}"#, "1".repeat(201)), "length", "external_id"),
        ("[1]".into(), "not_an_object", "line"),
        ("\"text\"".into(), "not_an_object", "line"),
    ];
    let site = site("owner");
    let lines: String = objects.iter().map(|(line, ..)| format!("{line}\n")).collect();
    let array = format!("[\n{}]", objects.iter().map(|(line, ..)| format!("{line},\n")).collect::<String>());
    for (file, first) in [(lines.as_str(), 1), (array.as_str(), 2)] {
        let from = BufReader::new(Cursor::new(file));
        // An array's elements begin one line later, and the first line begins no object.
        let report = site.import(&CUSTOMERS, from, &json(), &mut ()).unwrap();
        let expected: Vec<_> =
            objects.iter().zip(first..).map(|((_, code, field), line)| refusal(line, code, field)).collect();
        assert_eq!(refusals(&report), expected);
    }
    let mut file = b"id,last name\n1,".to_vec();
    file.extend_from_slice(long.as_bytes());
    file.extend_from_slice(b"\n2,a\0b\n3,\xff\n4,\"never closed\n5,x\n");
    let report = site.import(&CUSTOMERS, BufReader::new(Cursor::new(file)), &csv(), &mut ()).unwrap();
    let codes: Vec<_> = refusals(&report).into_iter().map(|(line, code, _)| (line, code)).collect();
    let said =
        [(2, "line_too_long"), (3, "character"), (4, "not_utf8")].map(|(line, code)| (line, code.to_owned()));
    assert_eq!(codes[..3], said);
    assert_eq!(rows::<Customer>(&site).len(), 1, "a quote that is never closed takes the rest into its cell");
    let other = self::site("owner");
    let report =
        import(&other, &CUSTOMERS, "[{\"id\":1,\"last_name\":\"whole\"},{\"id\":2,\"last_na", &json());
    assert_eq!(counts(&report), (1, 0, 1), "an array cut short");
    for header in ["", "id,last name", "id,last name\r\n", "sep=,\nid,last name"] {
        let report = import(&other, &CUSTOMERS, header, &csv());
        assert_eq!((report.complete, report.read.rows, report.read.bytes), (true, 0, header.len() as u64));
    }
    assert!(import(&other, &CUSTOMERS, "", &json()).complete);
}

#[test]
fn a_dry_run_says_what_would_happen_and_does_nothing() {
    let lines: String = (0..1_200).map(|at| format!("{},Name {at},\n", at % 1_100)).collect();
    let file = format!("id,last name,email\n{lines}x,,\n");
    let (dry, wet) = (site("owner"), site("owner"));
    let options = ImportOptions { dry_run: true, ..csv() };
    let told = import(&dry, &CUSTOMERS, &file, &options);
    assert_eq!((visible(&dry), queue(&dry)), (Vec::new(), Vec::new()));
    assert_eq!(told, import(&wet, &CUSTOMERS, &file, &csv()));
    assert_eq!(counts(&told), (1_100, 100, 1));

    let (file, _) = export(&busy_site());
    let told = dry.import_export(Cursor::new(&file), true, &mut ()).unwrap();
    assert_eq!((visible(&dry), queue(&dry)), (Vec::new(), Vec::new()));
    assert_eq!(told, take_back(&site("owner"), &file));
}

#[test]
fn each_line_is_reported_once_in_order_and_after_it_is_saved() {
    struct Hears<'a> {
        shop: &'a Shop,
        lines: Vec<u64>,
        read: Vec<Progress>,
    }
    impl Watch for Hears<'_> {
        fn line(&mut self, line: &Line) {
            assert_eq!(line.outcome, Outcome::Created);
            assert!(!rows::<Customer>(self.shop).is_empty());
            self.lines.push(line.line);
        }

        fn progress(&mut self, progress: Progress) -> Flow {
            self.read.push(progress);
            Flow::GoOn
        }
    }
    let lines: String = (0..700).map(|at| format!("{at},Name\n")).collect();
    let file = format!("id,name\n{lines}");
    let site = site("owner");
    let mut hears = Hears { shop: &site, lines: Vec::new(), read: Vec::new() };
    site.import(&CUSTOMERS, Cursor::new(&file), &csv(), &mut hears).unwrap();
    assert_eq!(hears.lines, (2..702).collect::<Vec<u64>>());
    let rows: Vec<u64> = hears.read.iter().map(|progress| progress.rows).collect();
    assert_eq!(rows, [500, 700]);
    assert_eq!(hears.read[1].bytes, file.len() as u64);
}

#[test]
fn what_people_do_goes_before_what_moves_in() {
    let site = site("owner");
    import(&site, &CUSTOMERS, "id,name\n1,Moved in\n", &csv());
    site.create(&Customer { last_name: Some("Walked in".into()), ..Customer::default() }).unwrap();
    let lanes = site
        .read(|reader| reader.all("SELECT lane FROM outbox ORDER BY seq", [], |row| row.get::<_, i64>(0)));
    assert_eq!(lanes.unwrap(), [1, 0]);
}
