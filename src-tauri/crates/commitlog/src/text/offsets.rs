use std::collections::BTreeMap;
use std::fmt::Write;

use wire::batch::Offset;

use super::{TextProblem, entries, number};
use crate::TopicPartition;

/// Reads `recovery-point-offset-checkpoint` and its like: `topic partition offset` per line.
pub(crate) fn parse_offsets(text: &str) -> Result<BTreeMap<TopicPartition, Offset>, TextProblem> {
    let mut offsets = BTreeMap::new();
    for (line, fields) in entries(text, 3)? {
        let partition = number(line, fields[1])?;
        let offset = Offset(number(line, fields[2])?);
        offsets.insert(TopicPartition { topic: fields[0].to_owned(), partition }, offset);
    }
    Ok(offsets)
}

pub(crate) fn format_offsets(offsets: &BTreeMap<TopicPartition, Offset>) -> String {
    let mut text = format!("0\n{}\n", offsets.len());
    for (name, offset) in offsets {
        let _ = writeln!(text, "{} {} {offset}", name.topic, name.partition);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[(&str, i32, i64)], usize>) {
        let expected = expected.map(|entries| {
            let entry = |&(topic, partition, offset): &(&str, i32, i64)| {
                (TopicPartition::new(topic, partition), Offset(offset))
            };
            entries.iter().map(entry).collect::<BTreeMap<_, _>>()
        });
        assert_eq!(parse_offsets(text).map_err(|problem| problem.line), expected, "{text:?}");
    }

    #[test]
    fn reads_kafkas_format() {
        check(
            "0\n2\na.b 0 17\n__consumer_offsets 49 0\n",
            Ok(&[("a.b", 0, 17), ("__consumer_offsets", 49, 0)]),
        );
        check("0\n0\n", Ok(&[]));
        check("", Err(1));
        check("1\n0\n", Err(1));
        check("0\nmany\n", Err(2));
        check("0\n2\na 0 17\n", Err(2));
        check("0\n1\na 0\n", Err(3));
        check("0\n1\na zero 17\n", Err(3));
    }

    #[test]
    fn round_trips() {
        let text = "0\n2\na 0 17\na 1 3\n";
        assert_eq!(format_offsets(&parse_offsets(text).expect("sound")), text);
    }
}
