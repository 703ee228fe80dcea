//! How many repeats a client may still make.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Ten repeats, counted in tenths.
const FULL: u32 = 100;
const REPEAT: u32 = 10;

/// An outage is not met with a storm: a repeat takes from the budget, and only calls that succeed refill it.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

impl Budget {
    pub(crate) fn full() -> Self {
        Self(AtomicU32::new(FULL))
    }

    /// Takes a repeat; false when less than one is left.
    pub(crate) fn take(&self) -> bool {
        self.0
            .fetch_update(Relaxed, Relaxed, |tenths| tenths.checked_sub(REPEAT))
            .is_ok()
    }

    /// Gives back a tenth of a repeat, for a call that succeeded.
    pub(crate) fn earn(&self) {
        let _ = self.0.fetch_update(Relaxed, Relaxed, |tenths| {
            (tenths < FULL).then_some(tenths + 1)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn ten_successes_earn_a_repeat_and_no_more_than_ten_are_kept() {
        let budget = Budget::full();
        budget.earn();
        for _ in 0..10 {
            assert!(budget.take());
        }
        assert!(!budget.take());
        for _ in 0..9 {
            budget.earn();
        }
        assert!(!budget.take());
        budget.earn();
        assert!(budget.take());
    }
}
