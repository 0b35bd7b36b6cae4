//! The recent minutes, second by second, in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::Record;
use super::series::{Axis, PRESENCE, Points};

/// A quarter of an hour: the shortest range of the charts.
const RECORDS_MAX: usize = 15 * 60;

#[derive(Default)]
pub(super) struct Ring {
    records: VecDeque<Arc<Record>>,
}

impl Ring {
    pub(super) fn push(&mut self, record: Arc<Record>) {
        if self.records.len() == RECORDS_MAX {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    pub(super) fn first_s(&self) -> Option<i64> {
        self.records.front().map(|record| record.at_s)
    }

    pub(super) fn collect(&self, names: &[String], axis: &Axis, points: &mut BTreeMap<String, Points>) {
        for record in &self.records {
            let Some(bucket) = axis.bucket(record.at_s) else { continue };
            for (name, value) in &record.values {
                if **name == *PRESENCE || names.iter().any(|wanted| **wanted == **name) {
                    points.entry(name.to_string()).or_default().add(bucket, *value, 1.0);
                }
            }
        }
    }
}
