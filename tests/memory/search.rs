//! Finds a secret, or any piece of it, in a heap of bytes.

use std::collections::HashSet;

const PIECE: usize = 12;

/// Every piece of twelve bytes of a secret.
pub struct Pieces<'s> {
    pieces: HashSet<&'s [u8]>,
    /// Which two bytes a piece can begin with.
    begins: Vec<bool>,
    /// Which bytes the secret holds.
    holds: [bool; 256],
}

fn key(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

impl<'s> Pieces<'s> {
    pub fn of(secret: &'s str) -> Self {
        let pieces: HashSet<&[u8]> = secret.as_bytes().windows(PIECE).collect();
        let mut begins = vec![false; 1 << 16];
        pieces.iter().for_each(|piece| begins[key(piece)] = true);
        let mut holds = [false; 256];
        secret.bytes().for_each(|byte| holds[usize::from(byte)] = true);
        Self { pieces, begins, holds }
    }

    /// How often a piece stands in `held`.
    pub fn count_in(&self, held: &[u8]) -> usize {
        let (mut at, mut found) = (0, 0);
        while at + PIECE <= held.len() {
            // Where a byte is none of the secret's, no piece can end there or go over it.
            if !self.holds[usize::from(held[at + PIECE - 1])] {
                at += PIECE;
                continue;
            }
            let window = &held[at..at + PIECE];
            found += usize::from(self.begins[key(window)] && self.pieces.contains(window));
            at += 1;
        }
        found
    }
}

#[test]
fn a_piece_is_found_wherever_it_stands() {
    let secret = "abcdefghijklmnopqrstuvwxyz";
    let pieces = Pieces::of(secret);
    assert_eq!(pieces.count_in(b"..abcdefghijk..opqrstuvwxy.."), 0, "eleven bytes");
    assert_eq!(pieces.count_in(b"..lmnopqrstuvwx."), 2, "thirteen bytes");
}
