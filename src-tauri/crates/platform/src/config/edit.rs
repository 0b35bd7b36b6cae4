//! One key of a TOML text changed, everything else left as it was written.

/// Sets `key` at the top level, before the first table.
pub(super) fn set_key(text: &str, key: &str, value: &str) -> String {
    let assignment = format!("{key} = {value}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let top = lines.iter().position(|line| line.trim_start().starts_with('[')).unwrap_or(lines.len());
    match lines.iter().take(top).position(|line| key_of(line) == Some(key)) {
        Some(at) => {
            let comment = comment_of(&lines[at]).map(|comment| format!(" {comment}")).unwrap_or_default();
            lines[at] = assignment + &comment;
        }
        None => {
            // Behind the last line of the top level that says something.
            let end = lines.iter().take(top).rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
            lines.insert(end, assignment);
            if lines.get(end + 1).is_some_and(|next| next.trim_start().starts_with('[')) {
                lines.insert(end + 1, String::new());
            }
        }
    }
    lines.join("\n") + "\n"
}

fn key_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if line.starts_with('#') {
        return None;
    }
    line.split_once('=').map(|(key, _)| key.trim().trim_matches('"'))
}

/// A trailing comment, told apart from a `#` in a string.
fn comment_of(line: &str) -> Option<&str> {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None, '#') => return Some(&line[at..]),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(set_key(text, "parallelism", "8"), expected);
    }

    #[test]
    fn a_key_is_set_in_its_place() {
        check("", "parallelism = 8\n");
        check(
            "# mine\nparallelism = 4 # few\nhost = \"#\"\n",
            "# mine\nparallelism = 8 # few\nhost = \"#\"\n",
        );
        check(
            "host = \"a\"\n\n[clusters.prod]\nparallelism = 1\n",
            "host = \"a\"\nparallelism = 8\n\n[clusters.prod]\nparallelism = 1\n",
        );
        check("# parallelism = 4\n[clusters.a]\n", "# parallelism = 4\nparallelism = 8\n\n[clusters.a]\n");
    }
}
