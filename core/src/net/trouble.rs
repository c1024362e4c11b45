//! A network that is bad on purpose, for an inspector, in builds that are no release: what happens to a call is decided
//! where it is made, and for one seed always the same things happen in the same order.

use super::classify::NoAnswer;
use fastrand::Rng;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// What is wrong with the network, on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Trouble {
    /// Nothing.
    #[default]
    None,
    /// The server cannot be reached, though there is a network.
    Unreachable,
    /// Every call, and every news of the channel, takes so much longer.
    Slow {
        /// How much.
        by: Duration,
    },
    /// So many of a hundred calls come to nothing: half of them never arrive, of the others the answer is lost. News
    /// of the channel are lost as often.
    Lossy {
        /// Of a hundred.
        percent: u8,
        /// What the dice begin with.
        seed: u64,
    },
}

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Passes,
    NeverArrives,
    AnswerLost,
}

/// The trouble of one way to a server. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Simulator {
    trouble: watch::Sender<Trouble>,
    dice: Arc<Mutex<Rng>>,
}

impl Default for Simulator {
    fn default() -> Simulator {
        Simulator { trouble: watch::Sender::default(), dice: Arc::new(Mutex::new(Rng::with_seed(0))) }
    }
}

impl Simulator {
    /// From now on this is wrong. What waits because of what was wrong before goes on.
    pub(super) fn set(&self, trouble: Trouble) {
        if let Trouble::Lossy { seed, .. } = trouble {
            *self.dice.lock().unwrap_or_else(PoisonError::into_inner) = Rng::with_seed(seed);
        }
        self.trouble.send_replace(trouble);
    }

    /// Makes a call, if it arrives.
    pub(super) async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, NoAnswer>>,
    ) -> Result<T, NoAnswer> {
        match self.fate().await? {
            Fate::Passes => call.await,
            Fate::NeverArrives => Err(NoAnswer::TimedOut),
            Fate::AnswerLost => call.await.and(Err(NoAnswer::BrokenOff)),
        }
    }

    /// Whether news of a channel are heard at all; after a while, where it is slow.
    pub(super) async fn hears(&self) -> Result<bool, NoAnswer> {
        Ok(self.fate().await? == Fate::Passes)
    }

    /// Ends when the server cannot be reached any more.
    pub(super) async fn cut(&self) {
        let mut trouble = self.trouble.subscribe();
        if trouble.wait_for(|trouble| *trouble == Trouble::Unreachable).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    async fn fate(&self) -> Result<Fate, NoAnswer> {
        let mut changed = self.trouble.subscribe();
        let trouble = *changed.borrow_and_update();
        match trouble {
            Trouble::None => Ok(Fate::Passes),
            Trouble::Unreachable => Err(NoAnswer::Unreachable),
            Trouble::Slow { by } => {
                // Nothing happens until then, unless the trouble ends before.
                drop(timeout(by, changed.changed()).await);
                Ok(Fate::Passes)
            }
            Trouble::Lossy { percent, .. } => Ok(self.roll(percent)),
        }
    }

    fn roll(&self, percent: u8) -> Fate {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        match (dice.u8(0..100) < percent, dice.bool()) {
            (false, _) => Fate::Passes,
            (true, false) => Fate::NeverArrives,
            (true, true) => Fate::AnswerLost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Forty calls, and how many of them arrived.
    async fn forty(simulator: &Simulator) -> (Vec<Result<u32, NoAnswer>>, u32) {
        let arrived = AtomicU32::new(0);
        let mut ended = Vec::new();
        for _ in 0..40 {
            ended.push(simulator.call(async { Ok(arrived.fetch_add(1, Ordering::Relaxed)) }).await);
        }
        (ended, arrived.into_inner())
    }

    #[tokio::test]
    async fn a_seed_loses_the_same_calls_again() {
        let lossy = |seed| Trouble::Lossy { percent: 50, seed };
        let simulator = Simulator::default();
        simulator.set(lossy(7));
        let (ended, arrived) = forty(&simulator).await;
        let answered = ended.iter().filter(|ended| ended.is_ok()).count();
        assert!((10..30).contains(&answered), "{answered}");
        assert!(
            arrived as usize > answered && arrived < 40,
            "{arrived}: some arrive, and their answers are lost"
        );
        simulator.set(lossy(7));
        assert_eq!(forty(&simulator).await, (ended.clone(), arrived));
        simulator.set(lossy(8));
        assert_ne!(forty(&simulator).await, (ended, arrived));
        simulator.set(Trouble::Lossy { percent: 100, seed: 7 });
        assert!(forty(&simulator).await.0.iter().all(Result::is_err));
    }

    #[tokio::test]
    async fn what_waits_on_a_slow_network_goes_on_when_it_is_well() {
        let simulator = Simulator::default();
        simulator.set(Trouble::Slow { by: Duration::from_secs(86_400) });
        let call = simulator.call(async { Ok(()) });
        tokio::pin!(call);
        tokio::select! {
            biased;
            _ = &mut call => panic!("it did not wait"),
            () = std::future::ready(()) => simulator.clone().set(Trouble::None),
        }
        assert_eq!(call.await, Ok(()));
    }

    #[tokio::test]
    async fn nothing_reaches_a_server_that_cannot_be_reached() {
        let simulator = Simulator::default();
        simulator.set(Trouble::Unreachable);
        assert_eq!(simulator.call(pending::<Result<(), NoAnswer>>()).await, Err(NoAnswer::Unreachable));
        assert_eq!(simulator.hears().await, Err(NoAnswer::Unreachable));
        simulator.cut().await;
    }
}
