//! The milter protocol, from the side of the filter: what Postfix and Sendmail speak to a program that
//! looks at each mail while it comes in.
//!
//! Bytes to frames ([`frame`]), frames to commands ([`command`]), what both sides can do ([`negotiation`]),
//! the mail that builds up and what is answered ([`session`]), and who gets it ([`deliver`]). Nothing here
//! reads or writes a socket, knows the time, or judges a mail: the program's `milter` command does.
//!
//! The protocol is that of libmilter, versions 2 to 6.

pub mod command;
pub mod deliver;
pub mod frame;
pub mod negotiation;
pub mod session;
