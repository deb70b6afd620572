//! Stage 6: [`Triage`](super::Triage) to bytes: text for a person, JSON, header fields, words.
