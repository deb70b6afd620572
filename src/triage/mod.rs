//! The line: bytes in, an owned and explained decision out.
//!
//! Six stages, each one noun (what it gives) and one verb (its entry). [`triage`] calls the first
//! five in order and keeps every intermediate value, so that the explanation, the tests and the
//! live mail all look at the same thing; the sixth, [`output`], writes the result in some form.
//!
//! A stage uses the stages before it and [`rules`](crate::rules), never a later one.

pub mod message;

pub mod fresh;
