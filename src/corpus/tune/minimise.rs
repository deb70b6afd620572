//! The least of a smooth convex function within bounds.
//!
//! Accelerated projected gradient steps (Nesterov), scaled by an upper bound of each coordinate's
//! curvature, started afresh whenever the momentum points uphill (O'Donoghue and Candès). Nothing is
//! random and every sum has one order, so the same input gives the same bytes.

/// A convex function of many numbers.
pub(super) trait Problem {
    /// The value at `x`; the slopes are written to `slopes`.
    fn value(&self, x: &[f64], slopes: &mut [f64]) -> f64;

    /// For each coordinate, a number above 0 of the size of its curvature.
    fn curvature(&self) -> &[f64];

    /// For each coordinate, the least and the most it may be.
    fn bounds(&self) -> &[(f64, f64)];
}

/// Where the search ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Minimum {
    /// The numbers.
    pub(super) x: Vec<f64>,
    /// Steps taken.
    pub(super) steps: usize,
    /// The most any number would still move in one scaled step without momentum.
    pub(super) residual: f64,
}

/// Ends when no number would move by more than this in a step.
pub(super) const TOLERANCE: f64 = 1e-6;

/// Most steps: far beyond what [`TOLERANCE`] takes.
const MOST_STEPS: usize = 20_000;

/// Finds the least value, from `start` on.
pub(super) fn minimise(problem: &impl Problem, start: &[f64]) -> Minimum {
    minimise_within(problem, start, TOLERANCE)
}

/// Finds the least value, from `start` on, until no number would move by more than `tolerance` in a step.
pub(super) fn minimise_within(problem: &impl Problem, start: &[f64], tolerance: f64) -> Minimum {
    let (scale, bounds) = (problem.curvature(), problem.bounds());
    let clamp = |x: f64, at: usize| bounds.get(at).map_or(x, |&(least, most)| x.clamp(least, most));
    let mut x: Vec<f64> = start.iter().enumerate().map(|(at, &x)| clamp(x, at)).collect();
    let mut ahead = x.clone();
    let mut next = x.clone();
    let mut slopes = vec![0.0; x.len()];
    let mut unused = vec![0.0; x.len()];
    let mut steepness = 1.0;
    let mut momentum: f64 = 1.0;
    let mut residual = f64::INFINITY;
    for step in 0..MOST_STEPS {
        let value = problem.value(&ahead, &mut slopes);
        // The plain step from a point without momentum tells how far from the end it is.
        residual = (0..x.len()).fold(0.0, |most: f64, at| {
            most.max((clamp(ahead[at] - slopes[at] / scale[at], at) - ahead[at]).abs())
        });
        if residual <= tolerance {
            return Minimum { x: ahead, steps: step, residual };
        }
        loop {
            let (mut linear, mut square) = (0.0, 0.0);
            for at in 0..x.len() {
                next[at] = clamp(ahead[at] - slopes[at] / (steepness * scale[at]), at);
                let moved = next[at] - ahead[at];
                linear += slopes[at] * moved;
                square += scale[at] * moved * moved;
            }
            let reached = problem.value(&next, &mut unused);
            // Rounding blurs the comparison near the end; a step this steep is always short enough.
            let slack = 1e-12 * (1.0 + value.abs());
            if reached <= value + linear + steepness / 2.0 * square + slack || steepness > 1e9 {
                break;
            }
            steepness *= 2.0;
        }
        let uphill: f64 =
            (0..x.len()).map(|at| scale[at] * (ahead[at] - next[at]) * (next[at] - x[at])).sum();
        if uphill > 0.0 {
            momentum = 1.0;
        }
        let following = f64::midpoint(1.0, (1.0 + 4.0 * momentum * momentum).sqrt());
        let weight = (momentum - 1.0) / following;
        for at in 0..x.len() {
            ahead[at] = clamp(next[at] + weight * (next[at] - x[at]), at);
        }
        momentum = following;
        std::mem::swap(&mut x, &mut next);
    }
    Minimum { x, steps: MOST_STEPS, residual }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of sum `c (x - t)²`, with one pair of numbers tied together.
    struct Bowl {
        curvature: Vec<f64>,
        target: Vec<f64>,
        bounds: Vec<(f64, f64)>,
    }

    impl Problem for Bowl {
        fn value(&self, x: &[f64], slopes: &mut [f64]) -> f64 {
            let mut value = 0.0;
            for at in 0..x.len() {
                let off = x[at] - self.target[at];
                value += self.curvature[at] * off * off / 2.0;
                slopes[at] = self.curvature[at] * off;
            }
            let tie = x[0] - x[1];
            slopes[0] += 5.0 * tie;
            slopes[1] -= 5.0 * tie;
            value + 2.5 * tie * tie
        }

        fn curvature(&self) -> &[f64] {
            &self.curvature
        }

        fn bounds(&self) -> &[(f64, f64)] {
            &self.bounds
        }
    }

    #[test]
    fn the_least_value_is_found_from_anywhere_and_within_bounds() {
        let free = (f64::NEG_INFINITY, f64::INFINITY);
        let bowl = Bowl {
            curvature: vec![1.0, 400.0, 0.5],
            target: vec![3.0, -1.0, -4.0],
            bounds: vec![free, free, (0.0, f64::INFINITY)],
        };
        for start in [[0.0; 3], [1e3, -1e3, 1e3], [3.0, -1.0, 5.0]] {
            let found = minimise(&bowl, &start);
            assert!(found.residual <= TOLERANCE && found.steps < 2000, "{found:?}");
            // By hand: x0 = (3 + 5 x1) / 6 and 400 (x1 + 1) = 5 (x0 - x1).
            let x1 = (-400.0 + 2.5) / (405.0 - 25.0 / 6.0);
            assert!((found.x[1] - x1).abs() < 1e-5 && (found.x[0] - (3.0 + 5.0 * x1) / 6.0).abs() < 1e-5);
            assert_eq!(found.x[2], 0.0, "held by its bound");
        }
    }
}
