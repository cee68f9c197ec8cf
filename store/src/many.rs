//! Many rows in one statement, whatever their number: they come as one JSON array of objects, which both engines take apart, each by its own
//! functions. A text is a macro of the engine's name, put together with `cell!` and `each!`, and run by `execute_many!`.

/// What a FROM reads the array's objects by: `each!(sqlite "$1")`.
macro_rules! each {
    (sqlite $json:literal) => {
        concat!("json_each(", $json, ")")
    };
    (postgres $json:literal) => {
        concat!("json_array_elements(CAST(", $json, " AS JSON))")
    };
}

/// One member of an object as a column of its type: `cell!(sqlite uuid "id")`. An id stands there as 32 hexadecimal digits, an instant and a day
/// as [`instant`] and RFC 3339 write them.
macro_rules! cell {
    (sqlite uuid $name:literal) => {
        concat!("unhex(value ->> '", $name, "')")
    };
    (sqlite $kind:ident $name:literal) => {
        concat!("value ->> '", $name, "'")
    };
    (postgres $kind:ident $name:literal) => {
        concat!("CAST(value ->> '", $name, "' AS ", stringify!($kind), ")")
    };
}

/// Runs a text on the engine at hand: `execute_many!(tx, places_sql, json, a)?` gives the count of rows.
macro_rules! execute_many {
    ($tx:expr, $text:ident, $json:expr $(, $arg:expr)* $(,)?) => {{
        let sql = match &$tx.on {
            $crate::db::On::Sqlite(_) => $text!(sqlite),
            $crate::db::On::Postgres(_) => $text!(postgres),
        };
        $crate::db::execute!($tx, sql, serde_json::Value::from($json).to_string() $(, $arg)*)
    }};
}
pub(crate) use {cell, each, execute_many};

/// An id as `cell!` reads it.
pub(crate) fn hex(id: uuid::Uuid) -> String {
    id.simple().to_string()
}

/// An instant as the driver writes it on SQLite, where instants are compared as text.
pub(crate) fn instant(at: domain::Timestamp) -> String {
    at.utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)
}
