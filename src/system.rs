//! Keeps secrets from staying in memory: an allocator that wipes, an environment that is erased, a stack and registers that are scrubbed, no
//! core dumps, no swapping. With the files below, the only one with `unsafe`.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
#[cfg(target_os = "linux")]
use std::io;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};

use zeroizing_alloc::ZeroAlloc;

#[cfg(unix)]
mod end;
#[cfg(target_os = "linux")]
mod exec;
#[cfg(feature = "faults")]
pub mod faults;
mod files;
mod heap;
#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(unix)]
mod prompt;
mod signals;
mod streams;

#[cfg(unix)]
pub use end::wipe_at_signals;
#[cfg(target_os = "linux")]
pub use exec::exec;
pub use files::{Opened, is_of_system, open_regular};
#[cfg(target_os = "linux")]
use heap::PAGE;
use heap::{Heap, is_large, is_same_block, wipe};
#[cfg(not(target_os = "linux"))]
use portable::{drop_stack, map, remap, unmap};
#[cfg(unix)]
pub use prompt::ask;
#[cfg(unix)]
use signals::ENDING;
pub use signals::HeldSignals;
#[cfg(unix)]
pub use signals::{kill_group, raise};
pub use streams::{Stdin, Stdout, Until};

/// The allocator of the program: wipes freed memory or returns it to the operating system.
///
/// Small blocks come from dlmalloc and are wiped when freed. Large ones are mapped individually: the system clears their pages.
#[derive(Debug, Clone, Copy)]
pub struct WipingAllocator;

static SMALL: ZeroAlloc<Heap> = ZeroAlloc(Heap::new());

/// The memory that dlmalloc divides up, mapped with all pages present: page faults would take most of the time of a short run.
#[cfg(target_os = "linux")]
struct Pages;

// SAFETY: each block is a new mapping, and what is freed is a mapping or the end of one.
#[cfg(target_os = "linux")]
unsafe impl dlmalloc::Allocator for Pages {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        (map(size, true), size, 0)
    }

    fn remap(&self, _block: *mut u8, _old: usize, _new: usize, _can_move: bool) -> *mut u8 {
        // Only used for blocks larger than any requested here.
        std::ptr::null_mut()
    }

    fn free_part(&self, block: *mut u8, old: usize, new: usize) -> bool {
        // SAFETY: dlmalloc does not use the mapping from `new` on.
        unsafe { unmap(block.add(new), old - new) };
        true
    }

    fn free(&self, block: *mut u8, size: usize) -> bool {
        // SAFETY: dlmalloc does not use the mapping any more.
        unsafe { unmap(block, size) };
        true
    }

    fn can_release_part(&self, _flags: u32) -> bool {
        true
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

// SAFETY: every block comes from `SMALL` or from its own mapping. `is_large` depends only on the layout, and the caller passes the layout of
// the block, as `GlobalAlloc` requires, so each block is freed and resized by the allocator that it came from.
unsafe impl GlobalAlloc for WipingAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) {
            return map(layout.size(), false);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { SMALL.alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        #[cfg(feature = "faults")]
        if faults::keeps() && !is_large(layout) {
            // SAFETY: the caller's promises are passed on.
            return unsafe { SMALL.0.dealloc(block, layout) };
        }
        // SAFETY: the caller's promises are passed on, and a large block is a whole mapping of this size.
        unsafe { if is_large(layout) { unmap(block, layout.size()) } else { SMALL.dealloc(block, layout) } }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) {
            // A fresh mapping is zero.
            return map(layout.size(), false);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { SMALL.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `size` is a valid size for this alignment.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: a large block is a whole mapping of its size, and a small one may already have the new size. Otherwise as in `GlobalAlloc`:
        // the new block is filled from the old one, which is then freed with its own layout.
        unsafe {
            if is_large(layout) && is_large(new) {
                return remap(block, layout.size(), size);
            }
            if !is_large(layout) && !is_large(new) && is_same_block(layout.size(), size) {
                wipe(block, size..layout.size());
                return block;
            }
            let moved = self.alloc(new);
            if !moved.is_null() {
                std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

/// Maps memory, with all its pages present if `populated`, and keeps it from being swapped out as far as the limit on locked memory goes.
#[cfg(target_os = "linux")]
fn map(size: usize, populated: bool) -> *mut u8 {
    /// The limit has been reached.
    static FULL: AtomicBool = AtomicBool::new(false);
    let plain = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | if populated { libc::MAP_POPULATE } else { 0 };
    // SAFETY: a new anonymous mapping affects no existing memory.
    let map = |flags| unsafe { libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    let mut block = libc::MAP_FAILED;
    // In the same call, since pages that are there anyway are locked for nothing.
    if populated && !FULL.load(Ordering::Relaxed) {
        block = map(plain | libc::MAP_LOCKED);
        FULL.store(block == libc::MAP_FAILED, Ordering::Relaxed);
    }
    if block == libc::MAP_FAILED {
        block = map(plain);
    }
    if block == libc::MAP_FAILED {
        return std::ptr::null_mut();
    }
    if !populated && !FULL.load(Ordering::Relaxed) {
        // Pages that are never used are never locked. At the limit it fails.
        // SAFETY: the range is the mapping.
        unsafe { libc::syscall(libc::SYS_mlock2, block, size, libc::MLOCK_ONFAULT) };
    }
    block.cast()
}

/// # Safety
/// `block` must be a mapping of `size` bytes that is no longer used.
#[cfg(target_os = "linux")]
unsafe fn unmap(block: *mut u8, size: usize) {
    // SAFETY: see above. It can fail only for something that is not a mapping.
    let _ = unsafe { libc::munmap(block.cast(), size) };
}

/// # Safety
/// `block` must be a mapping of `old` bytes; on success, the old address must no longer be used.
#[cfg(target_os = "linux")]
unsafe fn remap(block: *mut u8, old: usize, new: usize) -> *mut u8 {
    // SAFETY: see above.
    let mut moved = unsafe { libc::mremap(block.cast(), old, new, libc::MREMAP_MAYMOVE) };
    if moved == libc::MAP_FAILED {
        // It may be that so much can't be locked.
        // SAFETY: as above.
        moved = unsafe {
            libc::munlock(block.cast(), old);
            libc::mremap(block.cast(), old, new, libc::MREMAP_MAYMOVE)
        };
    }
    if moved == libc::MAP_FAILED { std::ptr::null_mut() } else { moved.cast() }
}

/// Isolates the process before it reads a secret: no core dumps, no access for the user's other processes, and no swapping of its stack and
/// environment either if there is no limit on that. Failures are ignored, since each of these is a second line of defence.
pub fn shut_off() {
    #[cfg(target_os = "linux")]
    // SAFETY: these calls take plain numbers and a pointer to a local structure.
    unsafe {
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // With a smaller limit, locking future memory would make later allocations fail.
        if libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit) == 0 && limit.rlim_cur == libc::RLIM_INFINITY {
            libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE | libc::MCL_ONFAULT);
        }
    }
    #[cfg(unix)]
    // SAFETY: as above.
    unsafe {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
    }
}

#[cfg(unix)]
unsafe extern "C" {
    static environ: *const *mut libc::c_char;
}

/// Overwrites the value of every environment variable of this process, where `/proc/PID/environ` and a memory dump would show them. They are
/// empty from then on. Call it at the end of the program: no other thread may read the environment at the same time.
pub fn erase_environment() {
    #[cfg(feature = "faults")]
    if faults::keeps() {
        return;
    }
    #[cfg(unix)]
    // SAFETY: `environ` is null or a null-terminated list of C strings, which the process may write to: the operating system put them on the
    // stack, or `setenv` allocated them. Nothing else reads or changes it, as the caller promises.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            let text = std::ffi::CStr::from_ptr(*entry).to_bytes();
            let (name, length) = (memchr::memchr(b'=', text).unwrap_or(0), text.len());
            for at in name + 1..length {
                (*entry).add(at).write_volatile(0);
            }
            entry = entry.add(1);
        }
    }
}

/// How much of the stack below the caller [`scrub`] clears, in bytes: more than any code that handles secrets uses.
const SCRUBBED: usize = 96 * 1024;

/// Clears the stack below the caller and the vector registers, which may contain parts of copied secrets. Every thread that handled a secret
/// calls this last.
#[inline(never)]
pub fn scrub() {
    const NEAR: usize = 16 * 1024;
    scrub_stack::<{ NEAR / 8 }>();
    // The nearest part is overwritten here, which leaves room for the frames of the calls below.
    if !drop_stack(NEAR / 2) {
        scrub_stack::<{ SCRUBBED / 8 }>();
    }
    scrub_registers();
}

#[inline(never)]
fn scrub_stack<const WORDS: usize>() {
    let mut stack = std::mem::MaybeUninit::<[u64; WORDS]>::uninit();
    let words = stack.as_mut_ptr().cast::<u64>();
    for at in 0..WORDS {
        // SAFETY: within the array.
        unsafe { words.add(at).write_volatile(0) };
    }
    std::hint::black_box(&stack);
}

/// Returns the main thread's stack, from `near` bytes below the caller on, to the operating system, which is fast even for many unused pages.
/// False if this is impossible: on another thread, where the end of the stack is unknown, or if memory is locked.
#[cfg(target_os = "linux")]
#[inline(never)]
fn drop_stack(near: usize) -> bool {
    /// Linux reserves at least 128 MiB for the main stack (`mmap_base` in arch/x86/mm/mmap.c and mm/util.c).
    const REACH: usize = 4 * 1024 * 1024;
    let here = 0_u8;
    // With larger pages, the operating system may refuse, and the stack is overwritten instead.
    let end = (std::ptr::from_ref(&here) as usize - near) / PAGE * PAGE;
    // SAFETY: these only query the current thread.
    let is_main = unsafe { libc::gettid() == libc::getpid() };
    // SAFETY: the range is below every frame in use, including those of this call, and contains only old pages of the stack.
    let dropped = is_main && unsafe { libc::madvise((end - REACH) as *mut libc::c_void, REACH, libc::MADV_DONTNEED) == 0 };
    // The range extends below the mapped stack, which is reported as an error after the rest has been done.
    dropped || (is_main && io::Error::last_os_error().raw_os_error() == Some(libc::ENOMEM))
}

#[inline(never)]
fn scrub_registers() {
    #[cfg(target_arch = "x86_64")]
    {
        let enabled = vector_state();
        if enabled & 0x4 != 0 {
            // SAFETY: the processor has the instruction; it changes only vector registers, all declared as clobbered.
            unsafe { clear_avx() };
        } else {
            // SAFETY: as above; every x86-64 processor has it.
            unsafe {
                #[rustfmt::skip]
                std::arch::asm!(
                    "xorps xmm0, xmm0", "xorps xmm1, xmm1", "xorps xmm2, xmm2", "xorps xmm3, xmm3", "xorps xmm4, xmm4",
                    "xorps xmm5, xmm5", "xorps xmm6, xmm6", "xorps xmm7, xmm7", "xorps xmm8, xmm8", "xorps xmm9, xmm9",
                    "xorps xmm10, xmm10", "xorps xmm11, xmm11", "xorps xmm12, xmm12", "xorps xmm13, xmm13", "xorps xmm14, xmm14",
                    "xorps xmm15, xmm15",
                    clobber_abi("sysv64"),
                );
            }
        }
        if enabled & 0xe0 == 0xe0 {
            // SAFETY: the processor has the instructions; they change only these registers.
            unsafe { clear_avx512() };
        }
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: every 64-bit ARM processor has these registers; all changed ones are declared.
    unsafe {
        #[rustfmt::skip]
        std::arch::asm!(
            "movi v0.2d, #0", "movi v1.2d, #0", "movi v2.2d, #0", "movi v3.2d, #0", "movi v4.2d, #0", "movi v5.2d, #0", "movi v6.2d, #0",
            "movi v7.2d, #0", "movi v16.2d, #0", "movi v17.2d, #0", "movi v18.2d, #0", "movi v19.2d, #0", "movi v20.2d, #0",
            "movi v21.2d, #0", "movi v22.2d, #0", "movi v23.2d, #0", "movi v24.2d, #0", "movi v25.2d, #0", "movi v26.2d, #0",
            "movi v27.2d, #0", "movi v28.2d, #0", "movi v29.2d, #0", "movi v30.2d, #0", "movi v31.2d, #0",
            clobber_abi("C"),
        );
    }
}

/// The register XCR0: bit 2 is for the AVX registers, bits 5 to 7 for AVX-512 (Intel SDM, volume 1, section 13.3). The standard library's
/// detection runs `cpuid` ten times, which a virtual machine passes on to its host: a tenth of the time of a small render.
#[cfg(target_arch = "x86_64")]
fn vector_state() -> u64 {
    use std::arch::x86_64::{__cpuid, _xgetbv};
    const OSXSAVE: u32 = 1 << 27;
    // SAFETY: every x86-64 processor has `cpuid`, and XCR0 can be read if `cpuid` says that the operating system has enabled it.
    #[allow(unused_unsafe, reason = "asking is safe in newer Rust")]
    unsafe {
        if __cpuid(1).ecx & OSXSAVE != 0 { _xgetbv(0) } else { 0 }
    }
}

/// # Safety
/// The processor must have AVX.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
unsafe fn clear_avx() {
    // SAFETY: clears the sixteen registers that are declared as clobbered.
    unsafe {
        std::arch::asm!("vzeroall", clobber_abi("sysv64"));
    }
}

/// # Safety
/// The processor must have AVX-512F.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn clear_avx512() {
    // SAFETY: clears the sixteen registers that are declared as clobbered.
    unsafe {
        #[rustfmt::skip]
        std::arch::asm!(
            "vpxorq zmm16, zmm16, zmm16", "vpxorq zmm17, zmm17, zmm17", "vpxorq zmm18, zmm18, zmm18", "vpxorq zmm19, zmm19, zmm19",
            "vpxorq zmm20, zmm20, zmm20", "vpxorq zmm21, zmm21, zmm21", "vpxorq zmm22, zmm22, zmm22", "vpxorq zmm23, zmm23, zmm23",
            "vpxorq zmm24, zmm24, zmm24", "vpxorq zmm25, zmm25, zmm25", "vpxorq zmm26, zmm26, zmm26", "vpxorq zmm27, zmm27, zmm27",
            "vpxorq zmm28, zmm28, zmm28", "vpxorq zmm29, zmm29, zmm29", "vpxorq zmm30, zmm30, zmm30", "vpxorq zmm31, zmm31, zmm31",
            clobber_abi("sysv64"),
        );
    }
}
