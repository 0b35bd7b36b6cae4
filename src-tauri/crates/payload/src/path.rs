//! Where in a JSON value: `$.user.tags[3]`.

/// A place, collected from the inside out while an error travels up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Path {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl Path {
    /// The place is inside the field or entry `name`.
    pub(crate) fn in_name(mut self, name: &str) -> Self {
        self.steps.push(Step::Name(name.to_owned()));
        self
    }

    /// The place is inside the item `index`.
    pub(crate) fn in_index(mut self, index: usize) -> Self {
        self.steps.push(Step::Index(index));
        self
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("$")?;
        for step in self.steps.iter().rev() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Name(name) if is_plain(name) => write!(f, ".{name}")?,
                Step::Name(name) => write!(f, "[{name:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_from_the_outside_in() {
        let path = Path::default().in_index(3).in_name("a b").in_name("tags").in_name("user");
        assert_eq!(path.to_string(), r#"$.user.tags["a b"][3]"#);
    }
}
