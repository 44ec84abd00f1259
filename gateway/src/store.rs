//! What the gateway keeps: the blobs of running sessions. (Journal, register and audit are to stand beside them.)

pub mod blobs;
