//! Reading HTML without being told what is wrong with it.

use html5gum::{Emitter, ForwardingEmitter};

/// An emitter that doesn't want to know what is wrong with the HTML: looking for that takes time.
pub(super) struct Lenient<E>(pub(super) E);

impl<E: Emitter> ForwardingEmitter for Lenient<E> {
    type Token = E::Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = Self::Token> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}
