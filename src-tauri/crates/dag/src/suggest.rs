//! Which known name a misspelt one was meant to be.

/// The closest name, if it is close enough to be meant.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    // Longer texts are no misspelt names, and the distance grows with both lengths.
    if given.len() > 60 {
        return None;
    }
    let limit = (given.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(&given, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// How many characters have to be added, left out, replaced, or swapped with a neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut best = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant() {
        let check = |given: &str, expected: Option<&str>| {
            assert_eq!(nearest(given, ["retries", "retry_delay", "schedule", "sql"]), expected, "{given}");
        };
        check("retrys", Some("retries"));
        check("Schedule", Some("schedule"));
        check("shcedule", Some("schedule"));
        check("retry-delay", Some("retry_delay"));
        check("colour", None);
        check("sq", Some("sql"));
        check("", None);
    }
}
