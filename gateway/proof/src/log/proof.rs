//! Checks proofs of the Merkle tree (RFC 9162, sections 2.1.3.2 and 2.1.4.2).

use super::tree::{Hash, empty_hash, node_hash};

/// What a proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The log holds no such entry, as this state of it shows.
    #[error("the entry is not in this state of the log: it was changed, or the proof is another's")]
    NotIncluded,
    /// The later state of the log did not grow from the earlier one.
    #[error("the log did not grow from its earlier state: its past was changed; keep both checkpoints and report it")]
    NotConsistent,
}

/// Makes sure that an entry's hash is at `index` in a tree of `size` entries with this root. `proof`: hashes from the leaf's
/// sibling up.
///
/// # Errors
/// [`ProofError::NotIncluded`].
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, root: &Hash, proof: &[Hash]) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NotIncluded);
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::NotIncluded);
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(ProofError::NotIncluded) }
}

/// Makes sure that a tree grew from another: each is `(size, root)`.
///
/// # Errors
/// [`ProofError::NotConsistent`].
pub fn verify_consistency(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> Result<(), ProofError> {
    let (old_size, old_root) = old;
    let (new_size, new_root) = new;
    let wrong = Err(ProofError::NotConsistent);
    if old_size == 0 {
        return if *old_root == empty_hash() && proof.is_empty() { Ok(()) } else { wrong };
    }
    if old_size >= new_size {
        return if old == new && proof.is_empty() { Ok(()) } else { wrong };
    }
    let mut rest = proof.iter();
    // The old tree itself is part of the new one if it is perfect.
    let first = if old_size.is_power_of_two() { Some(old_root) } else { rest.next() };
    let Some(first) = first else { return wrong };
    let (mut place, mut last) = (old_size - 1, new_size - 1);
    while place & 1 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    let (mut from_old, mut from_new) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return wrong;
        }
        if place & 1 == 1 || place == last {
            from_old = node_hash(hash, &from_old);
            from_new = node_hash(hash, &from_new);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            from_new = node_hash(&from_new, hash);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    if last == 0 && from_old == *old_root && from_new == *new_root { Ok(()) } else { wrong }
}
