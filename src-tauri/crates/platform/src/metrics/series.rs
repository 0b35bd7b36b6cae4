//! Names of series, and points averaged onto a common time axis. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::sample::Sample;

use super::{Record, SERIES_A_SAMPLE, Traffic};

/// There is a value of it for every second that was sampled at all.
pub(super) const PRESENCE: &str = "messages_in";
const TOTAL_LAG: &str = "total_lag";
const BYTES_IN: &str = "bytes_in";
const BYTES_OUT: &str = "bytes_out";
const TOPIC_IN: &str = "topic_in:";
const GROUP_LAG: &str = "group_lag:";

/// The end of the year 9999: no time beyond it is meant.
const TIME_MS_MAX: i64 = 253_402_300_799_000;

/// One sample as series. A topic that received nothing is left out: see [`Axis::values`].
pub(super) fn record(sample: &Sample, traffic: Option<Traffic>) -> Record {
    let mut values: Vec<(Arc<str>, f64)> =
        vec![(PRESENCE.into(), sample.messages_in), (TOTAL_LAG.into(), sample.total_lag as f64)];
    if let Some(traffic) = traffic {
        values.push((BYTES_IN.into(), traffic.bytes_in_per_s));
        values.push((BYTES_OUT.into(), traffic.bytes_out_per_s));
    }
    let mut topics: Vec<_> = sample.topic_in.iter().collect();
    topics.sort_by(|a, b| b.1.total_cmp(&a.1));
    values.extend(
        topics
            .into_iter()
            .take(SERIES_A_SAMPLE)
            .map(|(topic, rate)| (format!("{TOPIC_IN}{topic}").into(), *rate)),
    );
    let mut groups: Vec<_> = sample.group_lag.iter().collect();
    groups.sort_by_key(|(_, lag)| std::cmp::Reverse(*lag));
    values.extend(
        groups
            .into_iter()
            .take(SERIES_A_SAMPLE)
            .map(|(group, lag)| (format!("{GROUP_LAG}{group}").into(), *lag as f64)),
    );
    Record { at_s: sample.at_ms.div_euclid(1000), values }
}

/// Equal buckets of whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Axis {
    /// The first bucket's start, a multiple of the step.
    pub(super) from_s: i64,
    /// After the last bucket.
    pub(super) to_s: i64,
    pub(super) step_s: i64,
}

/// Sums and counts by bucket.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Points(BTreeMap<i64, (f64, f64)>);

impl Points {
    /// `count` seconds that sum up to `sum`.
    pub(super) fn add(&mut self, bucket: i64, sum: f64, count: f64) {
        let point = self.0.entry(bucket).or_default();
        point.0 += sum;
        point.1 += count;
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for (bucket, (sum, count)) in &other.0 {
            self.add(*bucket, *sum, *count);
        }
    }
}

impl Axis {
    pub(super) fn new(from_ms: i64, to_ms: i64, points_max: u32) -> Self {
        let from_s = from_ms.clamp(0, TIME_MS_MAX).div_euclid(1000);
        let to_s = to_ms.clamp(0, TIME_MS_MAX).div_euclid(1000).max(from_s + 1);
        // One point more can come from aligning the start.
        let points = i64::from(points_max).max(2) - 1;
        let step_s = (to_s - from_s + points - 1).div_euclid(points).max(1);
        Self { from_s: from_s.div_euclid(step_s) * step_s, to_s, step_s }
    }

    /// The part before `first_s`; all of it for none.
    pub(super) fn until(&self, first_s: Option<i64>) -> Option<Self> {
        let to_s = first_s.map_or(self.to_s, |first| first.min(self.to_s));
        (to_s > self.from_s).then(|| Self { to_s, ..self.clone() })
    }

    pub(super) fn bucket(&self, at_s: i64) -> Option<i64> {
        (self.from_s..self.to_s).contains(&at_s).then(|| (at_s - self.from_s).div_euclid(self.step_s))
    }

    fn len(&self) -> i64 {
        (self.to_s - self.from_s + self.step_s - 1).div_euclid(self.step_s)
    }

    pub(super) fn times_ms(&self) -> Vec<i64> {
        (0..self.len()).map(|bucket| (self.from_s + bucket * self.step_s) * 1000).collect()
    }

    /// Means by bucket. A rate counts the seconds it was silent, known by `presence`, as zero.
    pub(super) fn values(&self, name: &str, own: Option<&Points>, presence: &Points) -> Vec<Option<f64>> {
        let own = if name == PRESENCE { Some(presence) } else { own };
        (0..self.len())
            .map(|bucket| {
                let point = own.and_then(|points| points.0.get(&bucket)).copied();
                if name.starts_with(TOPIC_IN) {
                    let (_, seconds) = presence.0.get(&bucket)?;
                    return Some(point.map_or(0.0, |(sum, _)| sum) / seconds.max(1.0));
                }
                point.filter(|(_, count)| *count > 0.0).map(|(sum, count)| sum / count)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from_ms: i64, to_ms: i64, points: u32, expected: &[i64]) {
        let axis = Axis::new(from_ms, to_ms, points);
        assert_eq!(axis.times_ms(), expected, "{axis:?}");
        assert!(axis.times_ms().len() <= points.max(2) as usize);
    }

    #[test]
    fn an_axis_has_whole_steps_and_no_more_points_than_asked() {
        check(10_000, 13_000, 100, &[10_000, 11_000, 12_000]);
        check(0, 60_000, 4, &[0, 20_000, 40_000]);
        check(5_000, 60_000, 4, &[0, 19_000, 38_000, 57_000]);
        check(i64::MIN, i64::MIN + 1, 1, &[0]);
        assert_eq!(Axis::new(0, i64::MAX, 1).times_ms().len(), 1);
    }

    #[test]
    fn silence_is_zero_for_a_rate_and_a_gap_without_samples() {
        let axis = Axis::new(0, 40_000, 5);
        assert_eq!(axis.step_s, 10);
        let mut presence = Points::default();
        presence.add(0, 100.0, 10.0);
        presence.add(1, 50.0, 5.0);
        let mut topic = Points::default();
        topic.add(0, 30.0, 3.0);
        assert_eq!(axis.values("topic_in:a", Some(&topic), &presence), [Some(3.0), Some(0.0), None, None]);
        assert_eq!(axis.values("group_lag:g", Some(&topic), &presence), [Some(10.0), None, None, None]);
        assert_eq!(axis.values("messages_in", None, &presence), [Some(10.0), Some(10.0), None, None]);
        assert_eq!(axis.values("topic_in:b", None, &presence), [Some(0.0), Some(0.0), None, None]);
    }

    #[test]
    fn the_ring_takes_over_where_it_begins() {
        let axis = Axis::new(0, 40_000, 100);
        assert_eq!(axis.until(Some(10)).map(|axis| axis.to_s), Some(10));
        assert_eq!(axis.until(None).map(|axis| axis.to_s), Some(40));
        assert_eq!(axis.until(Some(0)), None);
    }
}
