//! Chance that can be repeated: the same seed throws the same dice on every machine.

use counterpart_core::env::Entropy;
use std::sync::atomic::{AtomicU64, Ordering};

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Seeded dice (SplitMix64), which can be shared.
#[derive(Debug)]
pub struct Dice(AtomicU64);

impl Clone for Dice {
    fn clone(&self) -> Self {
        Dice(AtomicU64::new(self.0.load(Ordering::Relaxed)))
    }
}

impl Dice {
    /// Dice of a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(AtomicU64::new(seed))
    }

    /// Any number.
    pub fn number(&self) -> u64 {
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which must not be 0.
    pub fn below(&self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a small number");
        usize::try_from(self.number() % end).expect("below a usize")
    }

    /// True in `of` out of a hundred throws.
    pub fn percent(&self, of: usize) -> bool {
        self.below(100) < of
    }

    /// One of them, if there are any.
    pub fn pick<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }
}

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.number().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}
