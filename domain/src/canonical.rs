//! The one byte form of a value: compact JSON with sorted keys, so that a SHA-256 of it names the value and anybody can recompute it.
//! Fractional JSON numbers are refused: money is whole cents, decimals are normalised strings, exact points are fractions written as text.

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Why a value has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A number with a fraction stands where only whole numbers may.
    #[error("{0} is not a whole number; canonical documents hold no floating point.")]
    NotWhole(String),
    /// The value can't be written as JSON at all.
    #[error("The value can't be written as JSON: {0}")]
    NotJson(String),
}

/// The canonical text of a value: JSON, no blanks, object keys in byte order, UTF-8 unescaped where JSON allows it.
///
/// # Errors
/// [`CanonicalError`] when the value holds a floating point number or is not JSON.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    let tree = serde_json::to_value(value).map_err(|cause| CanonicalError::NotJson(cause.to_string()))?;
    let mut out = String::new();
    write(&tree, &mut out)?;
    Ok(out)
}

/// The SHA-256 of bytes, as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(four.into(), 16).unwrap_or('0');
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The canonical text of a value and its SHA-256.
///
/// # Errors
/// As [`canonical`].
pub fn canonical_sha256<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    canonical(value).map(|text| sha256_hex(text.as_bytes()))
}

/// Writes a decimal without trailing zeros, as text: `7.0` and `7` are the same number and must have the same bytes.
///
/// # Errors
/// Only the serializer's own.
pub fn decimal<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value.normalize())
}

/// Reads a document. Always through text, as pages' islands read theirs, so that the browser's module holds each type's reader once.
///
/// # Errors
/// A sentence's middle: where the bytes stop being such a document.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(bytes).map_err(|cause| cause.to_string())?;
    serde_json::from_str(text).map_err(|cause| cause.to_string())
}

fn write(tree: &Value, out: &mut String) -> Result<(), CanonicalError> {
    match tree {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) if number.is_i64() || number.is_u64() => out.push_str(&number.to_string()),
        Value::Number(number) => return Err(CanonicalError::NotWhole(number.to_string())),
        Value::String(text) => out.push_str(&Value::String(text.clone()).to_string()),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        // Sorted here and not left to the map: another crate of the build may switch serde_json to insertion order.
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (index, (key, item)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                write(item, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_at_every_depth_and_blanks_are_gone() {
        let text = canonical(&json!({ "b": [1, { "z": true, "a": null }], "a": "é \"quoted\"" })).unwrap();
        assert_eq!(text, r#"{"a":"é \"quoted\"","b":[1,{"a":null,"z":true}]}"#);
    }

    #[test]
    fn a_floating_point_number_has_no_canonical_form() {
        assert_eq!(canonical(&json!({ "a": 0.1 })), Err(CanonicalError::NotWhole("0.1".to_owned())));
    }

    #[test]
    fn the_hash_is_the_one_everybody_computes() {
        // FIPS 180-2, appendix B.1: the one-block message “abc”.
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
