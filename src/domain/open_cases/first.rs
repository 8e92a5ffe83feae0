//! The first of many, without sorting them all.

/// Collects the smallest `limit` of what it is given.
pub(super) struct First<R> {
    limit: usize,
    after: Option<R>,
    kept: Vec<R>,
    /// What is larger is not among the first.
    last: Option<R>,
    more: bool,
}

impl<R: Ord + Copy> First<R> {
    /// Takes `limit` at most, all larger than `after`.
    pub(super) fn new(limit: usize, after: Option<R>) -> Self {
        Self {
            limit,
            after,
            kept: Vec::new(),
            last: None,
            more: false,
        }
    }

    /// What is larger than this one is not among the first; none as long as all may be.
    pub(super) fn last(&self) -> Option<&R> {
        self.last.as_ref()
    }

    /// Leaves out one that is larger than the last.
    pub(super) fn leave(&mut self) {
        self.more = true;
    }

    pub(super) fn take(&mut self, one: R) {
        if self.after.is_some_and(|after| one <= after) {
            return;
        }
        if self.last.is_some_and(|last| one > last) {
            self.more = true;
            return;
        }
        self.kept.push(one);
        if self.kept.len() > 8 * self.limit {
            self.cut();
        }
    }

    /// The first ones in order, and whether there were more.
    pub(super) fn in_order(mut self) -> (Vec<R>, bool) {
        self.cut();
        self.kept.sort_unstable();
        (self.kept, self.more)
    }

    fn cut(&mut self) {
        if self.kept.len() <= self.limit {
            return;
        }
        self.more = true;
        if let Some(place) = self.limit.checked_sub(1) {
            let (_, last, _) = self.kept.select_nth_unstable(place);
            self.last = Some(*last);
        }
        self.kept.truncate(self.limit);
    }
}
