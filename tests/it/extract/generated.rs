//! Generated SDLs.
