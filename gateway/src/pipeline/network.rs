//! A network, loaded, with the threads that it runs on.

use std::sync::{Arc, OnceLock};

use rten::{Model, NodeId, RunError, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::{AsView, NdTensor};

/// One network.
pub(crate) struct Network {
    model: Model,
    threads: usize,
    /// Made when the first picture comes: by then the process is locked in, and a thread inherits the lock of the one that
    /// starts it. rten's own pool is older; nothing runs in it but the loading of the model.
    pool: OnceLock<Arc<ThreadPool>>,
}

impl Network {
    /// Loads a network from the bytes of its ONNX file; it will run on `threads` threads.
    pub(crate) fn load(onnx: Vec<u8>, threads: usize) -> Result<Self, rten::LoadError> {
        Model::load(onnx).map(|model| Self { model, threads, pool: OnceLock::new() })
    }

    /// Its outputs of these names, those that it has.
    pub(crate) fn outputs(&self, names: impl Iterator<Item = String>) -> Vec<NodeId> {
        names.filter_map(|name| self.model.find_node(&name)).collect()
    }

    /// Runs it on a picture: one, planes, rows, columns.
    pub(crate) fn run(&self, input: &NdTensor<f32, 4>, outputs: &[NodeId]) -> Result<Vec<Value>, RunError> {
        let outputs = if outputs.is_empty() { self.model.output_ids() } else { outputs };
        let pool = self.pool.get_or_init(|| Arc::new(ThreadPool::with_num_threads(self.threads)));
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
        let inputs = self.model.input_ids().iter().take(1).map(|id| (*id, ValueOrView::from(input.view()))).collect();
        self.model.run(inputs, outputs, Some(options))
    }
}
