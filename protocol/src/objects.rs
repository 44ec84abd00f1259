//! Objects stay objects. serde reads the fields of a structure also from an array, in their order (`[0, 0, 10, 10]` for
//! an area); this protocol does not, because the schema does not, and because a field that is added later would shift
//! all others.

#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

use crate::device::FieldError;

/// Compares what was said with what was understood, and refuses an array in the place of an object, at any depth.
///
/// # Errors
/// The path of the first such array.
pub(crate) fn objects_stay_objects(said: &Value, understood: &impl Serialize) -> Result<(), FieldError> {
    let understood = serde_json::to_value(understood).expect("what was read from JSON is plain data");
    match array_for_object(said, &understood) {
        None => Ok(()),
        Some(path) => {
            let path: Vec<String> = path.into_iter().rev().collect();
            // As serde_path_to_error writes paths: `elements[0].columns`.
            let field = path.join(".").replace(".[", "[");
            Err(FieldError { field, problem: "invalid type: sequence, expected an object".into() })
        }
    }
}

/// The way to the first array that stands for an object, its last step first.
fn array_for_object(said: &Value, understood: &Value) -> Option<Vec<String>> {
    match (said, understood) {
        (Value::Array(_), Value::Object(_)) => Some(Vec::new()),
        (Value::Object(said), Value::Object(understood)) => {
            said.iter().find_map(|(name, value)| step(value, understood.get(name)?, || name.clone()))
        }
        (Value::Array(said), Value::Array(understood)) => said
            .iter()
            .zip(understood)
            .enumerate()
            .find_map(|(index, (value, understood))| step(value, understood, || format!("[{index}]"))),
        _ => None,
    }
}

fn step(said: &Value, understood: &Value, name: impl FnOnce() -> String) -> Option<Vec<String>> {
    let mut path = array_for_object(said, understood)?;
    path.push(name());
    Some(path)
}
