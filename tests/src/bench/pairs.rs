//! Interleaved pairs: ours, the floor, ours, the floor, so that whatever the machine does meanwhile meets both.

use super::Failure;
use std::time::{Duration, Instant};

/// How long something took.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures the machine's own time")]
pub(super) fn timed<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<(T, Duration), Failure> {
    let begin = Instant::now();
    let done = work()?;
    Ok((done, begin.elapsed()))
}

/// The medians of both sides, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Medians {
    pub(super) ours: f64,
    pub(super) floor: f64,
    /// How many pairs were counted.
    pub(super) pairs: usize,
}

/// Measures that many pairs of samples. The closures are told which sample it is and measure themselves, so that
/// what they prepare does not count. The first tenth warms up and is left out.
pub(super) fn interleave(
    pairs: usize,
    mut ours: impl FnMut(usize) -> Result<Duration, Failure>,
    mut floor: impl FnMut(usize) -> Result<Duration, Failure>,
) -> Result<Medians, Failure> {
    let (mut our_times, mut floor_times) = (Vec::new(), Vec::new());
    for pair in 0..pairs {
        our_times.push(ours(pair)?);
        floor_times.push(floor(pair)?);
    }
    let warm_up = pairs / 10;
    let (ours, floor) = (median(&mut our_times[warm_up..]), median(&mut floor_times[warm_up..]));
    Ok(Medians { ours, floor, pairs: pairs - warm_up })
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    middle.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_sample_does_not_move_the_median_and_the_warm_up_does_not_count() {
        let ours = |pair| Ok(Duration::from_micros(if pair < 2 || pair == 7 { 900 } else { 30 }));
        let medians = interleave(20, ours, |_| Ok(Duration::from_micros(10))).unwrap();
        assert_eq!((medians.ours, medians.floor, medians.pairs), (30.0, 10.0, 18));
    }
}
