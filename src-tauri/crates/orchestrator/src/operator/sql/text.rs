//! SQL as text: where statements end and where placeholders stand. Pure.

/// One placeholder as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// `?` or `%s`: the next of a list.
    Next,
    /// `$3`, from 1.
    Numbered(usize),
    /// `:name` or `%(name)s`.
    Named(String),
}

/// A piece of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// Quoted text, a comment: nothing in it means anything.
    Opaque(&'a str),
    Code(&'a str),
}

/// Splits into what is code and what is quoted or a comment.
fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut at, mut code) = (0, 0);
    while at < sql.len() {
        let rest = &sql[at..];
        let length = match rest.as_bytes()[0] {
            quote @ (b'\'' | b'"' | b'`') => quoted(rest, quote as char),
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            b'$' => dollar_quoted(rest).unwrap_or(0),
            _ => 0,
        };
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        if code < at {
            found.push(Piece::Code(&sql[code..at]));
        }
        found.push(Piece::Opaque(&rest[..length]));
        at += length;
        code = at;
    }
    if code < sql.len() {
        found.push(Piece::Code(&sql[code..]));
    }
    found
}

/// Up to the closing quote; a doubled one stays inside.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(found) = text[at..].find(quote) {
        at += found + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// PostgreSQL's `$tag$ … $tag$`.
fn dollar_quoted(text: &str) -> Option<usize> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[..end];
    let inner = &tag[1..end - 1];
    let valid = inner.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !inner.starts_with(|c: char| c.is_ascii_digit());
    if !valid {
        return None;
    }
    Some(text[end..].find(tag).map_or(text.len(), |close| end + close + tag.len()))
}

/// The statements of a script, without their semicolons. Triggers' bodies stay whole.
pub(super) fn statements(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    let mut body = Body::default();
    for piece in pieces(sql) {
        match piece {
            Piece::Opaque(text) => {
                body.break_word();
                current.push_str(text);
            }
            Piece::Code(text) => {
                for c in text.chars() {
                    if c == ';' && !body.is_open(&current) {
                        found.push(std::mem::take(&mut current));
                        body = Body::default();
                        continue;
                    }
                    current.push(c);
                    body.see(c);
                }
            }
        }
    }
    found.push(current);
    found.retain(|statement| {
        pieces(statement).iter().any(|piece| match piece {
            Piece::Code(text) => !text.trim().is_empty(),
            Piece::Opaque(text) => !text.starts_with("--") && !text.starts_with("/*"),
        })
    });
    found.iter().map(|statement| statement.trim().to_owned()).collect()
}

/// `CREATE TRIGGER … BEGIN … END`: the semicolons in between end no statement.
#[derive(Default)]
struct Body {
    word: String,
    depth: i32,
    create: bool,
    trigger: bool,
}

impl Body {
    fn see(&mut self, c: char) {
        if c.is_alphanumeric() || c == '_' {
            self.word.push(c.to_ascii_uppercase());
        } else {
            self.break_word();
        }
    }

    fn break_word(&mut self) {
        match std::mem::take(&mut self.word).as_str() {
            "CREATE" => self.create = true,
            "TRIGGER" if self.create => self.trigger = true,
            "BEGIN" | "CASE" if self.trigger => self.depth += 1,
            "END" if self.trigger => self.depth -= 1,
            _ => {}
        }
    }

    fn is_open(&mut self, _: &str) -> bool {
        self.break_word();
        self.depth > 0
    }
}

/// The statement with every placeholder as `$1`, `$2`, …, and what each was.
///
/// `percent`: `%s` and `%(name)s` are placeholders and `%%` is a percent sign,
/// as in PostgreSQL's Python driver. Only asked when there are parameters.
pub(super) fn placeholders(sql: &str, percent: bool) -> (String, Vec<Placeholder>) {
    let mut out = String::with_capacity(sql.len());
    let mut found: Vec<Placeholder> = Vec::new();
    for piece in pieces(sql) {
        let text = match piece {
            Piece::Opaque(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Code(text) => text,
        };
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let before = text[..at].chars().next_back();
            if percent && rest.starts_with("%%") {
                out.push('%');
                at += 2;
                continue;
            }
            match placeholder(rest, before, percent) {
                Some((placeholder, length)) => {
                    let known = found
                        .iter()
                        .position(|known| *known == placeholder && placeholder != Placeholder::Next);
                    let number = known.unwrap_or_else(|| {
                        found.push(placeholder);
                        found.len() - 1
                    });
                    out.push_str(&format!("${}", number + 1));
                    at += length;
                }
                None => {
                    let c = rest.chars().next().unwrap_or(' ');
                    out.push(c);
                    at += c.len_utf8();
                }
            }
        }
    }
    (out, found)
}

fn placeholder(rest: &str, before: Option<char>, percent: bool) -> Option<(Placeholder, usize)> {
    let word = |text: &str| text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let mut chars = rest.chars();
    match chars.next()? {
        // `@?`, `?|`, `?&` are PostgreSQL's JSON operators.
        '?' if before != Some('@') && !rest[1..].starts_with(['|', '&', '?']) => Some((Placeholder::Next, 1)),
        '$' => {
            let digits = rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1);
            let number: usize = rest[1..=digits].parse().ok()?;
            (number > 0).then_some((Placeholder::Numbered(number), digits + 1))
        }
        // `::` is a cast, `a[1:2]` a slice.
        ':' if before.is_none_or(|c| c != ':' && !c.is_alphanumeric()) => {
            let length = word(&rest[1..]);
            let name = &rest[1..=length];
            let named = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
            named.then(|| (Placeholder::Named(name.to_owned()), length + 1))
        }
        '%' if percent && rest.starts_with("%s") => Some((Placeholder::Next, 2)),
        '%' if percent && rest.starts_with("%(") => {
            let end = rest.find(")s")?;
            Some((Placeholder::Named(rest[2..end].to_owned()), end + 2))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_split(sql: &str, expected: &[&str]) {
        assert_eq!(statements(sql), expected);
    }

    #[test]
    fn scripts_split_at_semicolons_that_mean_it() {
        check_split("select 1; select 2;", &["select 1", "select 2"]);
        check_split("select ';'; -- a ; b\n; /* ; */", &["select ';'"]);
        check_split("select 'it''s; ok'", &["select 'it''s; ok'"]);
        check_split("do $$ begin x; end $$; select 1", &["do $$ begin x; end $$", "select 1"]);
        check_split("do $f$ a; $$ b; $f$", &["do $f$ a; $$ b; $f$"]);
        check_split(
            "create trigger t after insert on a begin update b set c = case when 1 then 2 end; delete from d; end; select 1",
            &[
                "create trigger t after insert on a begin update b set c = case when 1 then 2 end; delete from d; end",
                "select 1",
            ],
        );
        check_split("begin; update a set b = 1; end", &["begin", "update a set b = 1", "end"]);
        check_split("select 'open", &["select 'open"]);
        check_split("select \"ü;\"; select 'ß'", &["select \"ü;\"", "select 'ß'"]);
    }

    fn check(sql: &str, percent: bool, expected: &str, found: &[Placeholder]) {
        assert_eq!(placeholders(sql, percent), (expected.to_owned(), found.to_vec()));
    }

    #[test]
    fn placeholders_of_every_style() {
        use Placeholder::{Named, Next, Numbered};
        check("a = ? and b = ?", false, "a = $1 and b = $2", &[Next, Next]);
        check("a = %s and b like '%s%%'", true, "a = $1 and b like '%s%%'", &[Next]);
        check("a % 2 = %s and 5 %% 2", true, "a % 2 = $1 and 5 % 2", &[Next]);
        check("%(x)s + %(y)s + %(x)s", true, "$1 + $2 + $1", &[Named("x".into()), Named("y".into())]);
        check(":x + :y", false, "$1 + $2", &[Named("x".into()), Named("y".into())]);
        check("a::int, t[1:2], ':x'", false, "a::int, t[1:2], ':x'", &[]);
        check("$2 + $1", false, "$1 + $2", &[Numbered(2), Numbered(1)]);
        check("j ?| a, j @? p", false, "j ?| a, j @? p", &[]);
    }
}
