//! Made-up customers with their devices, the same ones for the same seed, for whoever tries the app out.

use counterpart_core::desk::{Bringer, Intake};
use counterpart_core::entity::{Customer, Phone, Priority, Ticket};
use fastrand::Rng;

const GIVEN: &[&str] =
    &["Amara", "Zoë", "Łukasz", "محمد", "שירה", "Ольга", "José", "Aoife", "प्रिया", "Kenji"];
const FAMILY: &[&str] =
    &["Okafor", "Müller", "Wiśniewska", "الحسن", "כהן", "Petrova", "García", "O'Brien", "佐藤"];
const DEVICES: &[(&str, &str, &str)] = &[
    ("phone", "Apple", "iPhone 13"),
    ("phone", "Samsung", "Galaxy A52"),
    ("phone", "Google", "Pixel 7a"),
    ("laptop", "Lenovo", "ThinkPad T14"),
    ("tablet", "Apple", "iPad 9"),
    ("console", "Nintendo", "Switch"),
];
const FAULTS: &[(&str, &str)] = &[
    ("Screen broken", "Fell on the stairs; the glass is cracked and the lower third does not answer."),
    ("Battery drains", "Is empty by noon and gets warm while it charges."),
    ("Charging port loose", "Charges only when the cable is held at an angle."),
    ("Water damage", "Lay in the rain overnight and has not started since."),
];

/// A stream of people who come in with something broken.
pub(crate) struct MadeUp(Rng);

impl MadeUp {
    pub(crate) fn of(seed: u64) -> MadeUp {
        MadeUp(Rng::with_seed(seed))
    }

    /// The next one.
    pub(crate) fn intake(&mut self) -> Intake {
        let customer = Customer {
            first_name: Some(self.any(GIVEN).to_owned()),
            last_name: Some(self.any(FAMILY).to_owned()),
            phones: vec![Phone {
                number: format!("+1555{:07}", self.0.u32(..10_000_000)),
                label: "mobile".into(),
            }],
            ..Customer::default()
        };
        let (kind, brand, model) = self.any(DEVICES);
        let (subject, problem) = self.any(FAULTS);
        let ticket = Ticket {
            device_kind: Some(kind.to_owned()),
            device_brand: Some(brand.to_owned()),
            device_model: Some(model.to_owned()),
            device_serial: Some(format!("SN{:08}", self.0.u32(..100_000_000))),
            subject: subject.to_owned(),
            problem: Some(problem.to_owned()),
            priority: if self.0.u32(..10) == 0 { Priority::Urgent } else { Priority::Normal },
            ..Ticket::default()
        };
        Intake { bringer: Bringer::New { customer }, ticket }
    }

    fn any<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.usize(..of.len())]
    }
}
