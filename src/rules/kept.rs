//! What is made of the entries of a table when first asked for, and kept beside the table.

use std::sync::OnceLock;

/// One thing for each entry of a table, made once, by whichever thread asks first.
///
/// A copy begins empty: what is copied is most often copied to be changed.
#[derive(Debug)]
pub struct Kept<T>(OnceLock<Box<[OnceLock<T>]>>);

impl<T> Kept<T> {
    /// What was made of entry `number` of the table's `count`; nothing where it has no such entry.
    pub fn get(&self, count: usize, number: usize, make: impl FnOnce() -> T) -> Option<&T> {
        let all = self.0.get_or_init(|| std::iter::repeat_with(OnceLock::new).take(count).collect());
        Some(all.get(number)?.get_or_init(make))
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_made_once_and_a_copy_makes_its_own() {
        let kept = Kept::default();
        assert_eq!(kept.get(2, 1, || "first"), Some(&"first"));
        assert_eq!(kept.get(2, 1, || "second"), Some(&"first"));
        assert_eq!(kept.get(2, 2, || "beyond"), None);
        assert_eq!(kept.clone().get(3, 1, || "second"), Some(&"second"));
    }
}
