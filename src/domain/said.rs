//! What a file says about one value: a file that does not know a column leaves it alone.

/// A value that is said, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<T> {
    /// The file has no such column.
    Nothing,
    /// The value; an empty cell says an empty one.
    Value(T),
}

impl<T> Said<T> {
    /// The value where the file has the column.
    pub fn when(has: bool, value: T) -> Self {
        if has {
            Self::Value(value)
        } else {
            Self::Nothing
        }
    }

    /// The other value of a said one.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Said<U> {
        match self {
            Self::Nothing => Said::Nothing,
            Self::Value(value) => Said::Value(into(value)),
        }
    }

    /// The column, where something is said about it.
    pub fn then<C>(&self, column: C) -> Option<C> {
        matches!(self, Self::Value(_)).then_some(column)
    }
}

impl<T: Default> Said<T> {
    /// The value, or the one of a new row.
    pub fn or_default(self) -> T {
        match self {
            Self::Nothing => T::default(),
            Self::Value(value) => value,
        }
    }
}
