//! Receipts that tests print.

use serde_json::{Value, json};

use crate::rig::Order;

/// So many rows, and a QR code of this text below them.
pub fn receipt(code: &str, rows: usize) -> Value {
    let row = |row| json!({ "type": "columns", "left": format!("Dòng thứ {row}"), "right": "sao y bản chính" });
    let mut elements: Vec<Value> = (1..=rows).map(row).collect();
    elements.push(json!({ "type": "qr", "data": code, "width_mm": 30 }));
    json!({ "elements": elements })
}

/// Prints it under this key.
pub fn print(payload: Value, key: &str) -> Order {
    Order::new("receipt_printer.print", payload).key(key)
}
