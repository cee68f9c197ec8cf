//! Two program files field by field. Walks their canonical trees, so that no field can be forgotten here when the file gets a new one.

use super::words::{field, one_of, say, section, whole};
use crate::program::ProgramFile;
use crate::time::Zone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Lists of texts longer than this are told by what came and what went.
const LONG: usize = 12;

/// One field that is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The field as the file has it: `ranking.criteria.no_coach.weight`.
    pub field: String,
    /// The field in plain words: `How applications are ranked, criterion “No coach”, weight`.
    pub what: String,
    /// As it was; none when it is new.
    pub old: Option<String>,
    /// As it is; none when it is gone.
    pub new: Option<String>,
    /// The clause it rests on, if the file names one.
    pub citation: Option<String>,
    /// Whether it can change who gets what.
    pub decides: bool,
}

/// Sections that decide who gets what.
const DECIDING: [&str; 6] = ["regions", "eligibility", "ranking", "review", "award", "allocation"];

/// Every field that differs, in the order of the file's sections.
#[must_use]
pub fn compare(old: &ProgramFile, new: &ProgramFile) -> Vec<Change> {
    let tree = |file: &ProgramFile| match serde_json::to_value(file) {
        Ok(Value::Object(fields)) => fields,
        // A file that was read is always an object.
        _ => Map::new(),
    };
    let (old_tree, new_tree) = (tree(old), tree(new));
    let mut walk = Walk { zones: (old.round.zone, new.round.zone), changes: Vec::new() };
    for key in keys(&old_tree, &new_tree) {
        let at = At { field: key.clone(), what: section(&key).to_owned(), citation: None, decides: DECIDING.contains(&key.as_str()) };
        walk.node(&at, &key, old_tree.get(&key), new_tree.get(&key));
    }
    // The chain in sentences: its steps name criteria, which the tree alone does not know.
    if let Some(ties) = walk.changes.iter_mut().find(|change| change.field == "ranking.ties") {
        ties.old = Some(old.ranking.plain_ties().join("; then "));
        ties.new = Some(new.ranking.plain_ties().join("; then "));
    }
    walk.changes
}

fn keys(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<String> {
    let order = ["agency", "program", "round", "appropriations", "eligibility", "ranking", "review", "award", "allocation", "regions"];
    let mut keys: Vec<String> = old.keys().chain(new.keys()).cloned().collect();
    keys.sort_by_key(|key| (order.iter().position(|known| known == key).unwrap_or(order.len()), key.clone()));
    keys.dedup();
    keys
}

/// Where the walk stands.
#[derive(Clone)]
struct At {
    field: String,
    what: String,
    citation: Option<String>,
    decides: bool,
}

impl At {
    fn inside(&self, key: &str, what: &str) -> Self {
        // A source or a mark beside a rule decides nothing; the words of a rule do: people decide by them.
        let told = matches!(key, "citation" | "synthetic" | "version");
        Self {
            field: format!("{}.{key}", self.field),
            what: format!("{}, {what}", self.what),
            decides: self.decides && !told,
            ..self.clone()
        }
    }

    fn cited(&self, node: Option<&Value>) -> Self {
        let citation = node.and_then(|node| node.get("citation")).and_then(Value::as_str);
        Self { citation: citation.map(str::to_owned).or_else(|| self.citation.clone()), ..self.clone() }
    }
}

struct Walk {
    zones: (Zone, Zone),
    changes: Vec<Change>,
}

impl Walk {
    fn node(&mut self, at: &At, key: &str, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        let at = at.cited(new.or(old));
        match (old, new) {
            (Some(Value::Object(was)), Some(Value::Object(is))) => {
                let sentences = (whole(key, &Value::Object(was.clone())), whole(key, &Value::Object(is.clone())));
                let levels = key == "source" && was.contains_key("rubric") && is.contains_key("rubric");
                match sentences {
                    (Some(was), Some(is)) if was != is && !levels => self.tell(&at, Some(was), Some(is)),
                    _ => self.fields(&at, was, is),
                }
            }
            (Some(Value::Array(was)), Some(Value::Array(is))) => self.list(&at, key, was, is),
            _ => {
                let (zone_old, zone_new) = self.zones;
                self.tell(&at, old.map(|value| say(key, value, zone_old)), new.map(|value| say(key, value, zone_new)));
            }
        }
    }

    fn fields(&mut self, at: &At, was: &Map<String, Value>, is: &Map<String, Value>) {
        for key in keys(was, is) {
            // A variant's name stands in the tree between a choice and its fields; people need not read it.
            let inner =
                if matches!(key.as_str(), "rubric" | "fact" | "evidence" | "formula") { at.clone() } else { at.inside(&key, &field(&key)) };
            self.node(&inner, &key, was.get(&key), is.get(&key));
        }
    }

    fn list(&mut self, at: &At, key: &str, was: &[Value], is: &[Value]) {
        let by_name = |item: &Value| {
            item.get("key").or_else(|| item.get("name")).or_else(|| item.get("points")).and_then(Value::as_str).map(str::to_owned)
        };
        let names = |items: &[Value]| items.iter().map(by_name).collect::<Option<Vec<String>>>();
        match (names(was), names(is)) {
            (Some(old_names), Some(new_names)) if key != "steps" && key != "bends" => {
                self.named(at, key, (was, &old_names), (is, &new_names))
            }
            _ => self.plain_list(at, key, was, is),
        }
    }

    fn named(&mut self, at: &At, key: &str, (was, old_names): (&[Value], &[String]), (is, new_names): (&[Value], &[String])) {
        let above = at.what.strip_suffix(&format!(", {}", field(key))).unwrap_or(&at.what).to_owned();
        let at = &At { what: above, ..at.clone() };
        let find = |items: &'_ [Value], names: &[String], name: &String| {
            names.iter().position(|other| other == name).and_then(|index| items.get(index)).cloned()
        };
        let gone = old_names.iter().filter(|name| !new_names.contains(name));
        for name in new_names.iter().chain(gone) {
            let (old, new) = (find(was, old_names, name), find(is, new_names, name));
            let called = new.as_ref().or(old.as_ref()).and_then(|item| item.get("name")).and_then(Value::as_str).unwrap_or(name);
            self.node(&at.inside(name, &one_of(key, called)), "", old.as_ref(), new.as_ref());
        }
        let both = |names: &[String], others: &[String]| names.iter().filter(|name| others.contains(name)).cloned().collect::<Vec<_>>();
        let (before, after) = (both(old_names, new_names), both(new_names, old_names));
        if before != after {
            self.tell(&at.inside("order", "order"), Some(before.join(", ")), Some(after.join(", ")));
        }
    }

    fn plain_list(&mut self, at: &At, key: &str, was: &[Value], is: &[Value]) {
        let (zone_old, zone_new) = self.zones;
        if was.len().max(is.len()) <= LONG {
            let words = |items: &[Value], zone| {
                Some(items.iter().map(|item| say(key, item, zone)).collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty())
            };
            self.tell(at, words(was, zone_old), words(is, zone_new));
            return;
        }
        let only = |items: &[Value], others: &[Value], zone| {
            let items: Vec<String> = items.iter().filter(|item| !others.contains(item)).map(|item| say(key, item, zone)).collect();
            (!items.is_empty()).then(|| items.join("; "))
        };
        self.tell(
            at,
            only(was, is, zone_old).map(|gone| format!("with {gone}")),
            only(is, was, zone_new).map(|come| format!("with {come}")),
        );
    }

    fn tell(&mut self, at: &At, old: Option<String>, new: Option<String>) {
        let At { field, what, citation, decides } = at.clone();
        self.changes.push(Change { field, what, old, new, citation, decides });
    }
}
