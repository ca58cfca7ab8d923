//! What stands in on other systems for what only Linux offers: no block is mapped individually, and no stack is returned.

use dlmalloc::Dlmalloc;

pub(super) type Small = Dlmalloc;
pub(super) const HEAP: Small = Dlmalloc::new();

/// No block is this large.
pub(super) const LARGE: usize = usize::MAX;

/// Never called.
pub(super) fn map(_size: usize, _populated: bool) -> *mut u8 {
    std::ptr::null_mut()
}

/// Never called.
pub(super) fn unmap(_block: *mut u8, _size: usize) {}

/// Never called.
pub(super) fn remap(_block: *mut u8, _old: usize, _new: usize) -> *mut u8 {
    std::ptr::null_mut()
}

/// Returns nothing to the operating system: the stack must be overwritten.
pub(super) fn drop_stack(_near: usize) -> bool {
    false
}
