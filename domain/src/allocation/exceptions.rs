//! Where an allocation departs from the order of the ranking: what an approver looks at first. Each with the reason that its step gives.

use super::{Allocation, Step};

/// How a step departs from the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionKind {
    /// It got nothing, though a lower place got money.
    PassedOver {
        /// The highest of the places below it that got money.
        below: u32,
    },
    /// It got less than it asked for.
    Partial,
}

/// A step that departs from the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception<'a> {
    /// How.
    pub kind: ExceptionKind,
    /// The step.
    pub step: &'a Step,
}

impl Exception<'_> {
    /// How it departs, in a sentence.
    #[must_use]
    pub fn plain(&self) -> String {
        match self.kind {
            ExceptionKind::PassedOver { below } => format!("Passed over: place {below}, below it, gets money."),
            ExceptionKind::Partial => format!("In part: {} of {} asked for.", self.step.granted, self.step.requested),
        }
    }
}

/// The exceptions of an allocation, first place first.
#[must_use]
pub fn exceptions(allocation: &Allocation) -> Vec<Exception<'_>> {
    let mut found = Vec::new();
    let mut below: Option<u32> = None;
    for step in allocation.steps.iter().rev() {
        let kind = match (step.units_granted, below) {
            (0, Some(below)) => Some(ExceptionKind::PassedOver { below }),
            (granted, _) if granted > 0 && granted < step.units_requested => Some(ExceptionKind::Partial),
            _ => None,
        };
        found.extend(kind.map(|kind| Exception { kind, step }));
        if step.units_granted > 0 {
            below = Some(step.place);
        }
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{AllocationRule, Claim, Misfit, allocate};
    use crate::money::Money;

    fn laid(misfit: Misfit, units: &[i64], pot: i64) -> Allocation {
        let claims: Vec<Claim> = (1_u32..)
            .zip(units)
            .map(|(place, units)| Claim {
                id: format!("id{place}"),
                number: format!("A-{place}"),
                place,
                region: "west".to_owned(),
                units_requested: *units,
                unit_cost: None,
                least: None,
                last: None,
                named: None,
            })
            .collect();
        allocate(&AllocationRule::down_the_list(misfit, "test"), Money::cents(100), Money::cents(pot), &claims).unwrap()
    }

    fn short(allocation: &Allocation) -> Vec<(u32, ExceptionKind)> {
        exceptions(allocation).iter().map(|exception| (exception.step.place, exception.kind)).collect()
    }

    #[test]
    fn what_is_skipped_or_cut_is_an_exception_and_the_end_of_the_money_is_none() {
        // $5: 2 fit, 4 do not, 1 fits, 3 do not, 2 fit.
        let skipped = laid(Misfit::Skip, &[2, 4, 1, 3, 2, 9], 500);
        let passed = |below| ExceptionKind::PassedOver { below };
        assert_eq!(short(&skipped), [(2, passed(3)), (4, passed(5))]);
        assert_eq!(short(&laid(Misfit::Partial, &[2, 4, 1], 500)), [(2, ExceptionKind::Partial)]);
        assert!(exceptions(&laid(Misfit::Stop, &[2, 4, 1], 500)).is_empty());
        assert_eq!(exceptions(&skipped)[0].plain(), "Passed over: place 3, below it, gets money.");
    }
}
