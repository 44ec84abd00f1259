//! Hashes of the Merkle tree (RFC 6962, section 2.1).

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// Hash of a leaf: SHA-256 over 0x00 and the entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// Hash of a node: SHA-256 over 0x01 and both children.
pub(super) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Hash of the empty tree: SHA-256 over nothing.
pub(super) fn empty_hash() -> Hash {
    Sha256::digest([]).into()
}

/// Root over hashes that stand on one level.
pub(super) fn root_of(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => empty_hash(),
        [only] => *only,
        more => {
            let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The largest power of two below `size`, which is at least 2.
pub(super) fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The perfect trees that a tree of `size` leaves is made of, from the left: how many leaves each has.
pub(super) fn perfect_trees(size: usize) -> impl Iterator<Item = usize> {
    (0..usize::BITS).rev().map(|bit| 1usize << bit).filter(move |leaves| size & leaves != 0)
}
