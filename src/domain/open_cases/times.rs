//! Many times, and how many of them are before a moment.

/// Times in one chunk at most.
const CHUNK_MAX: usize = 512;

/// Times in microseconds since 1970, sorted and in chunks: adding and removing one moves a chunk at
/// most, and counting passes over whole chunks.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// None is empty.
    chunks: Vec<Vec<i64>>,
}

impl Times {
    /// Adds a time; it may be there several times.
    pub(super) fn add(&mut self, time: i64) {
        let at = self.chunk_of(time);
        if at == self.chunks.len() {
            // Most times are later than all others: full chunks stay full.
            return match self.chunks.last_mut() {
                Some(last) if last.len() < CHUNK_MAX => last.push(time),
                _ => self.chunks.push(vec![time]),
            };
        }
        let chunk = &mut self.chunks[at];
        chunk.insert(chunk.partition_point(|one| *one < time), time);
        if chunk.len() > CHUNK_MAX {
            let later = chunk.split_off(CHUNK_MAX / 2);
            self.chunks.insert(at + 1, later);
        }
    }

    /// Removes a time that is there, once.
    pub(super) fn remove(&mut self, time: i64) {
        let at = self.chunk_of(time);
        let Some(chunk) = self.chunks.get_mut(at) else {
            return;
        };
        let place = chunk.partition_point(|one| *one < time);
        if chunk.get(place) == Some(&time) {
            chunk.remove(place);
        }
        if chunk.is_empty() {
            self.chunks.remove(at);
        }
    }

    /// How many times are before this moment.
    pub(super) fn before(&self, moment: i64) -> i64 {
        let at = self.chunk_of(moment);
        let whole: usize = self.chunks[..at].iter().map(Vec::len).sum();
        let part = self.chunks.get(at);
        let part = part.map_or(0, |chunk| chunk.partition_point(|one| *one < moment));
        i64::try_from(whole + part).unwrap_or(i64::MAX)
    }

    /// Gives back the room that is not needed.
    pub(super) fn shrink(&mut self) {
        self.chunks.iter_mut().for_each(Vec::shrink_to_fit);
    }

    /// The first chunk that does not end before the time.
    fn chunk_of(&self, time: i64) -> usize {
        let ends_before = |chunk: &Vec<i64>| chunk.last().is_none_or(|last| *last < time);
        self.chunks.partition_point(ends_before)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// guarantee: Counts of what is due are those of the times that are there
        #[test]
        fn counts_before_a_moment_are_those_of_a_list(
            steps in prop::collection::vec((0_i64..300, any::<bool>()), 0..3_000),
            moment in 0_i64..300,
        ) {
            let (mut times, mut plain) = (Times::default(), Vec::new());
            for (time, is_added) in steps {
                // More are added than removed, so that chunks are split.
                if is_added || time % 3 > 0 {
                    times.add(time);
                    plain.push(time);
                } else if let Some(at) = plain.iter().position(|one| *one == time) {
                    plain.swap_remove(at);
                    times.remove(time);
                }
            }
            let before = plain.iter().filter(|time| **time < moment).count();
            prop_assert_eq!(times.before(moment), i64::try_from(before).unwrap());
            let all = times.before(i64::MAX);
            prop_assert_eq!(all, i64::try_from(plain.len()).unwrap());
            prop_assert!(times.chunks.iter().all(|chunk| !chunk.is_empty()));
        }
    }
}
