//! Customers, employees, appointments, and the numbers on the badges.

use crate::device_line::argument::Limit;
use crate::device_line::call::{calls, done};
use crate::device_line::show;
use chrono::{DateTime, Utc};
use counterpart_core::desk::Slot;
use counterpart_core::entity::{AppointmentId, CustomerId, EmployeeId};

calls! {
    /// Customers whose name begins so: given or family name first, or the company.
    customers_by_name(device, prefix: String, limit: Limit) {
        Ok(show::list(&device.shop()?.customers_by_name(&prefix, limit.0)?, show::customer))
    }

    /// Customers with a phone number that begins or ends with these digits.
    customers_by_phone(device, typed: String, limit: Limit) {
        Ok(show::list(&device.shop()?.customers_by_phone(&typed, limit.0)?, show::customer))
    }

    /// Customers with an e-mail address that begins so.
    customers_by_email(device, prefix: String, limit: Limit) {
        Ok(show::list(&device.shop()?.customers_by_email(&prefix, limit.0)?, show::customer))
    }

    /// Customers that contain every word, the best first.
    find_customers(device, words: String, limit: Limit) {
        Ok(show::list(&device.shop()?.find_customers(&words, limit.0)?, show::customer))
    }

    /// Merges a duplicate into the customer that stays.
    merge_customers(device, stays: String, duplicate: String) {
        device.shop()?.merge_customers(&CustomerId(stays), &CustomerId(duplicate))?;
        done()
    }

    /// The employees by name, those who left last.
    employees(device) {
        Ok(show::list(&device.shop()?.employees()?, show::employee))
    }

    /// Sets an employee's PIN: 4 to 8 digits.
    set_pin(device, employee: String, pin: String) {
        device.shop()?.set_pin(&EmployeeId(employee), &pin)?;
        done()
    }

    /// On a station: this person works now, if the PIN is theirs.
    switch(device, employee: String, pin: String) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.switch(&EmployeeId(employee), &pin))?;
        done()
    }

    /// On a station: nobody works now.
    switch_off(device) {
        device.shop()?.switch_off()?;
        done()
    }

    /// Appointments that touch a range of time, of one employee or of all.
    calendar(device, from: DateTime<Utc>, until: DateTime<Utc>, assignee: Option<String>) {
        let rows = device.shop()?.calendar(from, until, assignee.map(EmployeeId).as_ref())?;
        Ok(show::list(&rows, show::appointment))
    }

    /// A customer's appointments, the latest first, earlier than a moment.
    appointments_of_customer(device, customer: String, before: Option<DateTime<Utc>>, limit: Limit) {
        let rows = device.shop()?.appointments_of_customer(&CustomerId(customer), before, limit.0)?;
        Ok(show::list(&rows, show::appointment))
    }

    /// What is booked or confirmed and starts from now until that moment.
    reminders(device, until: DateTime<Utc>, limit: Limit) {
        Ok(show::list(&device.shop()?.reminders(until, limit.0)?, show::appointment))
    }

    /// Moves an appointment to another time.
    reschedule(device, appointment: String, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>, time_zone: String) {
        let slot = Slot { starts_at, ends_at, time_zone };
        device.shop()?.reschedule(&AppointmentId(appointment), &slot)?;
        done()
    }

    /// The badges. The caller says when its day begins and when the next one does.
    badges(device, day: DateTime<Utc>, next_day: DateTime<Utc>) {
        Ok(show::badges(&device.shop()?.badges(day, next_day)?))
    }
}
