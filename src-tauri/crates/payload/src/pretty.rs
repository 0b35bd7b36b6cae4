//! JSON text laid out over lines, its numbers untouched.

/// Lays JSON `text` out with two spaces a level. It moves characters only, so
/// numbers keep every digit; text that was cut short is laid out as far as it
/// goes.
pub fn pretty(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut level = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                if let Some(close) = chars.next_if(|&next| next == '}' || next == ']') {
                    out.push(close);
                } else {
                    level += 1;
                    new_line(&mut out, level);
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                new_line(&mut out, level);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, level);
            }
            ':' => out.push_str(": "),
            _ if c.is_ascii_whitespace() => {}
            _ => out.push(c),
        }
    }
    out
}

/// Indentation stops growing here, or text of nothing but brackets would
/// become its own square.
const INDENT_LEVELS_MAX: usize = 128;

fn new_line(out: &mut String, level: usize) {
    out.push('\n');
    for _ in 0..level.min(INDENT_LEVELS_MAX) {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(pretty(text), expected);
    }

    #[test]
    fn json_is_laid_out_and_numbers_are_kept() {
        check("1", "1");
        check("{}", "{}");
        check("[ ]", "[]");
        check(
            r#"{"a":9007199254740993,"b":[1.10,{}]}"#,
            "{\n  \"a\": 9007199254740993,\n  \"b\": [\n    1.10,\n    {}\n  ]\n}",
        );
        check(r#"["a,{\"b:"]"#, "[\n  \"a,{\\\"b:\"\n]");
        check(r#"{"a":[1"#, "{\n  \"a\": [\n    1");
    }
}
