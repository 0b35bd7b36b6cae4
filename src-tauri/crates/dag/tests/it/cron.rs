//! Cron expressions against what croniter 7.0.0 found for them.

use dag::cron::Cron;
use jiff::civil::DateTime;
use serde_json::Value;

use crate::oracle;

/// The steps croniter made, compared one by one; null where it found no more.
fn differs(case: &Value, key: &str, go: impl Fn(DateTime) -> Option<DateTime>) -> Option<String> {
    let mut at: DateTime = case["from"].as_str()?.parse().expect("a time");
    for wanted in case[key].as_array().expect("a list of times") {
        let found = go(at);
        let wanted: Option<DateTime> = wanted.as_str().map(|text| text.parse().expect("a time"));
        if found != wanted {
            return Some(format!("{}: {key} of {at} is {found:?}, croniter: {wanted:?}", case["expression"]));
        }
        at = found?;
    }
    None
}

#[test]
fn every_case() {
    let cases = oracle("croniter.json");
    let cases = cases.as_array().expect("a list of cases");
    assert!(cases.len() >= 800);
    let mut wrong = Vec::new();
    for case in cases {
        let text = case["expression"].as_str().expect("an expression");
        match (text.parse::<Cron>(), case["error"].is_null()) {
            (Ok(cron), true) => {
                wrong.extend(differs(case, "next", |at| cron.next(at)));
                wrong.extend(differs(case, "previous", |at| cron.previous(at)));
            }
            (Err(_), false) => {}
            (Ok(_), false) => wrong.push(format!("{text}: taken, croniter refuses it")),
            (Err(error), true) => wrong.push(format!("{text}: croniter takes it, but {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
