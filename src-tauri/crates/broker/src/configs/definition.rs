//! One configuration key: its type, its default, what it accepts.

use super::ConfigError;

/// The type shown by DescribeConfigs; the numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Kind {
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    /// Never shown.
    Password = 9,
}

/// What a value must be beside its type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Check {
    Any,
    /// A whole number from here on.
    AtLeast(i64),
    /// A whole number in these bounds, both allowed.
    Between(i64, i64),
    /// A number from 0 to 1.
    Fraction,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of these words.
    SomeOf(&'static [&'static str]),
    /// Where a share group begins.
    OffsetReset,
}

/// One configuration key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Definition {
    pub name: &'static str,
    pub kind: Kind,
    pub default: &'static str,
    pub check: Check,
    /// For a topic's key: the broker's key that gives the default.
    pub synonym: Option<&'static str>,
    /// For a broker's key: may it change while the broker runs.
    pub dynamic: bool,
    pub doc: &'static str,
}

impl Definition {
    /// Whether `value` may stand here.
    pub fn check(&self, value: &str) -> Result<(), ConfigError> {
        let refuse = |problem: String| {
            Err(ConfigError::Value { name: self.name.to_owned(), value: value.to_owned(), problem })
        };
        let trimmed = value.trim();
        match self.kind {
            Kind::Boolean => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "false" => Ok(()),
                _ => refuse("Expected value to be either true or false".into()),
            },
            Kind::Double => match (trimmed.parse::<f64>(), self.check) {
                (Err(_), _) => refuse("Not a number of type DOUBLE".into()),
                (Ok(number), Check::Fraction) if !(0.0..=1.0).contains(&number) => {
                    refuse("Value must be between 0 and 1".into())
                }
                (Ok(_), _) => Ok(()),
            },
            Kind::Int | Kind::Short | Kind::Long => {
                let (kind, min, max) = match self.kind {
                    Kind::Short => ("SHORT", i64::from(i16::MIN), i64::from(i16::MAX)),
                    Kind::Int => ("INT", i64::from(i32::MIN), i64::from(i32::MAX)),
                    _ => ("LONG", i64::MIN, i64::MAX),
                };
                let number = match trimmed.parse::<i64>() {
                    Ok(number) if (min..=max).contains(&number) => number,
                    _ => return refuse(format!("Not a number of type {kind}")),
                };
                match self.check {
                    Check::AtLeast(min) if number < min => refuse(format!("Value must be at least {min}")),
                    Check::Between(min, _) if number < min => refuse(format!("Value must be at least {min}")),
                    Check::Between(_, max) if number > max => {
                        refuse(format!("Value must be no more than {max}"))
                    }
                    _ => Ok(()),
                }
            }
            Kind::String | Kind::List | Kind::Class | Kind::Password => match self.check {
                Check::OneOf(words) if !words.contains(&trimmed) => {
                    refuse(format!("String must be one of: {}", words.join(", ")))
                }
                Check::OffsetReset => match trimmed.strip_prefix("by_duration:") {
                    None if ["latest", "earliest"].contains(&trimmed) => Ok(()),
                    Some(duration) if super::duration_ms(duration).is_some() => Ok(()),
                    _ => refuse("must be earliest, latest, or by_duration:PnDTnHnMn.nS".into()),
                },
                Check::SomeOf(words) => {
                    let odd = list(trimmed).find(|word| !words.contains(word));
                    match odd {
                        Some(_) => refuse(format!("String must be one of: {}", words.join(", "))),
                        None => Ok(()),
                    }
                }
                _ => Ok(()),
            },
        }
    }
}

/// The words of a list value.
pub(crate) fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configs::{BROKER_KEYS, TOPIC_KEYS};

    fn topic_key(name: &str) -> &'static Definition {
        TOPIC_KEYS.iter().find(|key| key.name == name).unwrap()
    }

    #[track_caller]
    fn check(name: &str, value: &str, accepted: bool) {
        assert_eq!(topic_key(name).check(value).is_ok(), accepted, "{name}={value}");
    }

    #[test]
    fn values_are_checked_by_type_and_bounds() {
        check("retention.ms", "-1", true);
        check("retention.ms", "-2", false);
        check("retention.ms", "soon", false);
        check("segment.bytes", "2147483648", false);
        check("segment.bytes", "1048575", false);
        check("cleanup.policy", "compact,delete", true);
        check("cleanup.policy", "shred", false);
        check("min.cleanable.dirty.ratio", "1.5", false);
        check("message.timestamp.type", "LogAppendTime", true);
        check("preallocate", "maybe", false);
    }

    #[test]
    fn defaults_pass_their_own_checks_and_synonyms_exist() {
        for key in TOPIC_KEYS.iter().chain(BROKER_KEYS) {
            assert_eq!(key.check(key.default), Ok(()), "{}", key.name);
            if let Some(synonym) = key.synonym {
                assert!(BROKER_KEYS.iter().any(|broker| broker.name == synonym), "{synonym}");
            }
        }
    }
}
