//! The hits of one mail while it is searched.

use super::Hit;

/// The hits so far: most rules have none.
pub(super) struct Hits {
    /// By rule: one more than the place of its hit, 0 for none.
    places: Vec<u32>,
    hits: Vec<Hit>,
}

impl Hits {
    /// None, of so many rules.
    pub(super) fn new(rules: usize) -> Self {
        Self { places: vec![0; rules], hits: Vec::with_capacity(super::USUAL) }
    }

    /// All of them, as they came.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Hit> {
        self.hits.iter_mut()
    }

    pub(super) fn of(&self, rule: usize) -> Option<&Hit> {
        self.hits.get(self.places.get(rule)?.checked_sub(1)? as usize)
    }

    pub(super) fn of_mut(&mut self, rule: usize) -> Option<&mut Hit> {
        self.hits.get_mut(self.places.get(rule)?.checked_sub(1)? as usize)
    }

    /// Notes a hit, in place of one that its rule may have.
    pub(super) fn put(&mut self, hit: Hit) {
        if let Some(known) = self.of_mut(hit.rule) {
            *known = hit;
        } else if let Some(place) = self.places.get_mut(hit.rule) {
            self.hits.push(hit);
            *place = u32::try_from(self.hits.len()).unwrap_or(0);
        }
    }

    /// All of them, in the order of the rules.
    pub(super) fn in_order(self) -> Vec<Hit> {
        let mut ordered = Vec::with_capacity(self.hits.len());
        // A bit for each rule: most have no hit.
        let mut bits = vec![0_u64; self.places.len().div_ceil(64)];
        for hit in &self.hits {
            bits.get_mut(hit.rule / 64).into_iter().for_each(|word| *word |= 1 << (hit.rule % 64));
        }
        let mut hits: Vec<Option<Hit>> = self.hits.into_iter().map(Some).collect();
        for (at, mut word) in bits.into_iter().enumerate() {
            while word != 0 {
                let place = self.places.get(at * 64 + word.trailing_zeros() as usize);
                let hit = place.and_then(|place| hits.get_mut(place.checked_sub(1)? as usize)?.take());
                ordered.extend(hit);
                word &= word - 1;
            }
        }
        ordered
    }
}
