//! Phone numbers as people write them, in E.164 where there is only one way to understand them.

use crate::schema::{Check, Value};

/// How numbers are dialled within a country.
enum Plan {
    /// A zero before the area code, that goes when the country's code comes.
    LeadingZero,
    /// So many digits, and nothing before them.
    Digits(usize),
}

fn plan(country: &str) -> Option<Plan> {
    match country {
        "1" => Some(Plan::Digits(10)),
        "34" | "48" | "351" | "420" => Some(Plan::Digits(9)),
        "45" | "47" | "65" => Some(Plan::Digits(8)),
        "27" | "31" | "32" | "33" | "41" | "43" | "44" | "46" | "49" | "61" | "64" | "81" | "82" | "90"
        | "353" | "358" | "380" | "972" => Some(Plan::LeadingZero),
        _ => None,
    }
}

/// The number in E.164; nothing where it could be understood in two ways.
pub(super) fn e164(text: &str, country: Option<&str>) -> Option<String> {
    let text = text.trim();
    // The zero in +49 (0)30 is only dialled within the country.
    let text = if text.starts_with(['+', '0']) { text.replacen("(0)", "", 1) } else { text.to_owned() };
    let mut digits = String::new();
    for (place, letter) in text.chars().enumerate() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if place == 0 => {}
            ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '.' | '/' | '('
            | ')' => {}
            _ => return None,
        }
    }
    let country = country.map(|code| code.trim_start_matches(['+', '0']));
    let number = if text.starts_with('+') {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if let (Some("1"), Some(rest)) = (country, digits.strip_prefix("011")) {
        rest.to_owned()
    } else {
        national(&digits, country?)?
    };
    let number = format!("+{number}");
    Check::E164.holds(&Value::Text(number.clone())).then_some(number)
}

fn national(digits: &str, country: &str) -> Option<String> {
    let own = match plan(country)? {
        Plan::LeadingZero => digits.strip_prefix('0')?,
        Plan::Digits(count) if digits.len() == count => digits,
        // In North America the country's code is also the prefix for another area.
        Plan::Digits(count) if country == "1" && digits.len() == count + 1 => digits.strip_prefix('1')?,
        Plan::Digits(_) => return None,
    };
    Some(format!("{country}{own}"))
}

#[cfg(test)]
mod tests {
    use super::e164;

    #[test]
    fn a_number_becomes_e164_only_where_it_means_one_thing() {
        for (text, country, wanted) in [
            ("+49 30 123456", None, Some("+4930123456")),
            ("+49 (0)30 / 123456", None, Some("+4930123456")),
            ("0049 30 123456", None, Some("+4930123456")),
            ("(030) 123456", Some("+49"), Some("+4930123456")),
            ("030 123456", None, None),
            ("30 123456", Some("49"), None),
            ("(555) 010-1234", Some("1"), Some("+15550101234")),
            ("1 555 010 1234", Some("1"), Some("+15550101234")),
            ("011 49 30 123456", Some("1"), Some("+4930123456")),
            ("010-1234", Some("1"), None),
            ("612 345 678", Some("34"), Some("+34612345678")),
            // Italian numbers keep their zero or have none: not ours to decide.
            ("06 1234567", Some("39"), None),
            ("030 123456 ext. 5", Some("49"), None),
            ("+", None, None),
            ("", Some("1"), None),
        ] {
            assert_eq!(e164(text, country).as_deref(), wanted, "{text} in {country:?}");
        }
    }
}
