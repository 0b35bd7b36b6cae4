//! Where the parts of a file stood, to tell which shared a statement.

use std::collections::HashMap;

use prost_types::FileDescriptorProto;

/// A line and a column.
type Place = (i32, i32);

/// Parts that were written together.
pub(super) struct Statement<T> {
    /// Where it began, if that is known.
    pub(super) place: Option<Place>,
    pub(super) parts: Vec<T>,
}

pub(super) struct Places {
    /// Begin and end of what is at a path.
    spans: HashMap<Vec<i32>, Vec<(Place, Place)>>,
}

impl Places {
    pub(super) fn new(file: &FileDescriptorProto) -> Self {
        let mut spans: HashMap<Vec<i32>, Vec<(Place, Place)>> = HashMap::new();
        for location in file.source_code_info.iter().flat_map(|info| &info.location) {
            let span = match *location.span.as_slice() {
                [line, from, to] => ((line, from), (line, to)),
                [line, from, line_end, to] => ((line, from), (line_end, to)),
                _ => continue,
            };
            spans.entry(location.path.clone()).or_default().push(span);
        }
        spans.values_mut().for_each(|spans| spans.sort_unstable());
        Self { spans }
    }

    /// The syntax is written out.
    pub(super) fn has_syntax(&self) -> bool {
        self.spans.contains_key(&[12][..])
    }

    /// Statements of this path were written.
    pub(super) fn knows(&self, path: &[i32]) -> bool {
        self.spans.contains_key(path)
    }

    /// `parts`, whose paths are `path` and their index, by statement; each its
    /// own if nothing is known.
    pub(super) fn statements<T>(&self, path: &[i32], parts: Vec<T>) -> Vec<Statement<T>> {
        let written = self.spans.get(path).map(Vec::as_slice).unwrap_or_default();
        let mut statements: Vec<Statement<T>> = Vec::new();
        for (index, part) in parts.into_iter().enumerate() {
            let own: Vec<i32> = path.iter().copied().chain(i32::try_from(index)).collect();
            let start = self.spans.get(&own).and_then(|spans| spans.first()).map(|(start, _)| *start);
            let place = start.and_then(|start| {
                let after = written.partition_point(|(from, _)| *from <= start);
                written[..after].last().filter(|(_, to)| start < *to).map(|(from, _)| *from)
            });
            match statements.last_mut().filter(|last| place.is_some() && last.place == place) {
                Some(last) => last.parts.push(part),
                None => statements.push(Statement { place, parts: vec![part] }),
            }
        }
        statements
    }
}
